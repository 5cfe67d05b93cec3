namespace Hospes.Security.Acm.Policies;

/// <summary>A policy as it is written, by names, which may not fit together.</summary>
internal sealed class PolicyDraft
{
    /// <summary>What it says of itself.</summary>
    public required PolicyHeader Header { get; init; }

    /// <summary>Components that are said to be the primary one.</summary>
    public List<PolicyComponent> Primaries { get; } = [];

    /// <summary>Types of Simple Type Enforcement; null: no such component.</summary>
    public List<string>? Types { get; set; }

    /// <summary>Types of the Chinese Wall; null likewise.</summary>
    public List<string>? WallTypes { get; set; }

    /// <summary>Names and types of conflict sets.</summary>
    public List<(string Name, List<string> Types)> Conflicts { get; } = [];

    /// <summary>The name of domain 0's label.</summary>
    public string Bootstrap { get; set; } = "";

    /// <summary>Labels of domains.</summary>
    public List<LabelDraft> Subjects { get; } = [];

    /// <summary>Labels of resources.</summary>
    public List<LabelDraft> Resources { get; } = [];
}
