namespace Hospes.Hypervisor.Backends.Block;

/// <summary>BLKIF_RSP_* (fact sheet "Storage", section 5.3).</summary>
internal enum BlockStatus : short
{
    /// <summary>Done.</summary>
    Okay = 0,

    /// <summary>Not done.</summary>
    Error = -1,

    /// <summary>This back-end, or this disk, does not do that.</summary>
    NotSupported = -2,
}
