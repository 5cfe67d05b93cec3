using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>What a binary policy holds: numbers without names.</summary>
internal sealed class PolicyTables
{
    public required string Name { get; init; }

    public required PolicyVersion Version { get; init; }

    public required PolicyComponent Primary { get; init; }

    public required PolicyComponent Secondary { get; init; }

    /// <summary>Types of Simple Type Enforcement; null: no such component.</summary>
    public int? Types { get; set; }

    /// <summary>The types of each ssid.</summary>
    public TypeSet[] Rows { get; set; } = [];

    /// <summary>Types of the Chinese Wall; null: no such component.</summary>
    public int? WallTypes { get; set; }

    /// <summary>The types of each ssid.</summary>
    public TypeSet[] WallRows { get; set; } = [];

    /// <summary>The types of each conflict set.</summary>
    public TypeSet[] Conflicts { get; set; } = [];
}
