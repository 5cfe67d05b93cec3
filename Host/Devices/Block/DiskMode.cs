namespace Hospes.Host.Devices.Block;

/// <summary>How a disk is shared (fact sheet "Storage", section 6).</summary>
internal enum DiskMode
{
    /// <summary>r: read, beside others that read.</summary>
    Read,

    /// <summary>w: write, beside nobody.</summary>
    Write,

    /// <summary>w!: write, whoever else does.</summary>
    Force,
}
