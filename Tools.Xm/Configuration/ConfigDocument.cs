namespace Hospes.Xm.Configuration;

/// <summary>What came of a configuration file.</summary>
internal sealed record ConfigDocument
{
    public Dictionary<string, ConfigAssignment> Assignments { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Names whose values the file itself uses.</summary>
    public HashSet<string> UsedNames { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Script variables that the file declared with <c>xm_vars.var</c>, and what it says about them.</summary>
    public List<(string Name, string Use)> Declared { get; init; } = [];

    /// <summary>What the file printed.</summary>
    public string Output { get; init; } = "";
}
