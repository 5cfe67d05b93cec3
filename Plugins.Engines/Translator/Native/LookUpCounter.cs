namespace Hospes.Engines.Translator.Native;

/// <summary>What emitted code counts of its look-ups, if it is asked to (<see cref="TranslatorOptions.CountLookUps"/>).</summary>
internal enum LookUpCounter
{
    /// <summary>Accesses, or groups of them, that asked the TLB's first level straight away.</summary>
    Direct,

    /// <summary>Those that asked a recent page.</summary>
    Recent,

    /// <summary>The recent page was another one: the first level was asked.</summary>
    RecentMissed,

    /// <summary>The first level had not got it: the second was asked.</summary>
    FirstMissed,

    /// <summary>The second had not got it either.</summary>
    SecondMissed,
}
