namespace Hospes.Sdk.Storage;

/// <summary>What a path may lead to.</summary>
public enum BlockSourceKind
{
    /// <summary>A regular file or a block device.</summary>
    FileOrDevice,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A block device.</summary>
    Device,
}
