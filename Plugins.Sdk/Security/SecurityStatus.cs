namespace Hospes.Sdk.Security;

/// <summary>What is enforced.</summary>
public sealed record SecurityStatus
{
    /// <summary>The kind of policy: ACM.</summary>
    public required string Type { get; init; }

    /// <summary>The policy's name; with none in force, what the module calls that.</summary>
    public required string Policy { get; init; }

    /// <summary>A policy is in force: what it does not allow is denied.</summary>
    public required bool IsEnforcing { get; init; }

    /// <summary>The policy's version, as written; empty: none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Identity of the policy; null: none.</summary>
    public Guid? Reference { get; init; }

    /// <summary>Digest of the policy's contents, hexadecimal; empty: none.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>The policy is also the one that the next boot loads.</summary>
    public bool IsBootPolicy { get; init; }

    /// <summary>The label of domain 0, or null.</summary>
    public string? HostLabel { get; init; }

    /// <summary>Why nothing may start although no policy is in force; null: nothing is wrong.</summary>
    public string? Fault { get; init; }

    /// <summary>How often it was asked, denied, and answered from memory, by names of the module's own.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);
}
