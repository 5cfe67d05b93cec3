namespace Hospes.Xm.Configuration;

/// <summary>What a configuration file gives a variable: text, a number, or a list (fact sheet "Domain configuration", section 2).</summary>
internal abstract record ConfigValue
{
    /// <summary>As a person would write it, for messages.</summary>
    public abstract string Describe();
}
