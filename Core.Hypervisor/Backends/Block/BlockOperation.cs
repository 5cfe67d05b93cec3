namespace Hospes.Hypervisor.Backends.Block;

/// <summary>BLKIF_OP_* (fact sheet "Storage", section 5.2).</summary>
internal enum BlockOperation : byte
{
    /// <summary>Read.</summary>
    Read = 0,

    /// <summary>Write.</summary>
    Write = 1,

    /// <summary>Write, after all before and before all after, and on the medium when answered.</summary>
    WriteBarrier = 2,

    /// <summary>What was answered before is to be on the medium.</summary>
    Flush = 3,

    /// <summary>A range holds nothing any more.</summary>
    Discard = 5,

    /// <summary>A read or write whose segments stand in pages of their own.</summary>
    Indirect = 6,
}
