namespace Hospes.Sdk.Storage;

/// <summary>What a new image is to be.</summary>
/// <param name="Length">Bytes.</param>
public sealed record ImageOptions(long Length)
{
    /// <summary>The parent's path as it is written into the image, or null.</summary>
    public string? Backing { get; init; }

    /// <summary>The parent's format.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>Bytes in a cluster; 0: the format's own choice.</summary>
    public int ClusterSize { get; init; }

    /// <summary>The whole room is taken now.</summary>
    public bool IsPreallocated { get; init; }
}
