namespace Hospes.Hypervisor.Backends.Block;

/// <summary>What requests are checked against.</summary>
/// <param name="Sectors">512-byte sectors of the disk.</param>
/// <param name="IsWritable">Writes are allowed.</param>
/// <param name="CanDiscard">Discards are understood.</param>
internal readonly record struct BlockLimits(ulong Sectors, bool IsWritable, bool CanDiscard);
