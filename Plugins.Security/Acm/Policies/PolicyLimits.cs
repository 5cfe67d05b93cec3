namespace Hospes.Security.Acm.Policies;

/// <summary>How large a policy may be. Far beyond what people write, and small enough that no file makes the control plane slow or large.</summary>
internal static class PolicyLimits
{
    /// <summary>Bytes of a source.</summary>
    public const int SourceBytes = 8 << 20;

    /// <summary>Types of a component.</summary>
    public const int Types = 16384;

    /// <summary>Labels, of domains and resources together. An ssid has 16 bits, of which one value is the null label.</summary>
    public const int Labels = 32767;

    /// <summary>Conflict sets.</summary>
    public const int ConflictSets = 1024;

    /// <summary>Entries of a table in the binary representation, two bytes each.</summary>
    public const long TableEntries = 32 << 20;

    /// <summary>Letters of a name.</summary>
    public const int NameLength = 128;
}
