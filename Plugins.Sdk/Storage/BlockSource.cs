namespace Hospes.Sdk.Storage;

/// <summary>A file or block device that a disk needs, and how it is to be opened.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="IsWritable">For reading and writing; else for reading alone.</param>
public sealed record BlockSource(string Path, bool IsWritable)
{
    /// <summary>What may stand there.</summary>
    public BlockSourceKind Kind { get; init; } = BlockSourceKind.FileOrDevice;

    /// <summary>Past the host's cache where the system can do that; where it cannot, with the cache.</summary>
    public bool IsDirect { get; init; }

    /// <summary>Each write is on the medium when it is answered.</summary>
    public bool IsSynchronous { get; init; }

    /// <summary>Shared by design, such as the parent of a clone: other disks may have it open for reading too.</summary>
    public bool IsBacking { get; init; }
}
