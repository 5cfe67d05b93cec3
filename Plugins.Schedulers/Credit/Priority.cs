namespace Hospes.Schedulers.Credit;

/// <summary>Who goes first; higher is sooner (fact sheet "CPU schedulers", 2.1).</summary>
internal enum Priority
{
    /// <summary>Has used more than its share.</summary>
    Over = -2,

    /// <summary>Has credit left.</summary>
    Under = -1,

    /// <summary>Had credit left when it woke: it answers something, and will soon sleep again.</summary>
    Boost = 0,
}
