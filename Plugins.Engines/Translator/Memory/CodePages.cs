namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// Which guest frames have decoded code, shared by all CPUs of a machine. A frame in it has no write tag in any TLB, so that every write to it comes
/// by the slow path, which calls <see cref="Written"/>. Device writes, grant copies and other CPUs go through the same set.
/// </summary>
internal sealed class CodePages
{
    private const int LeafBits = 15;
    private readonly ulong[]?[] _leaves = new ulong[]?[1 << (28 - LeafBits)];

    /// <summary>Several CPUs use the set. One alone needs no fences between its own writes and its own questions.</summary>
    internal bool IsShared { get; set; }

    /// <summary>Raised when bytes of a frame with code were written: every CPU drops its blocks from that frame.</summary>
    internal event Action<ulong>? Changed;

    /// <summary>Whether code was decoded from this frame.</summary>
    internal bool Contains(ulong frame)
    {
        ulong leaf = frame >> LeafBits;
        ulong[]? bits = leaf < (ulong)_leaves.Length ? Volatile.Read(ref _leaves[leaf]) : null;
        return bits is not null && (Volatile.Read(ref bits[(frame & ((1 << LeafBits) - 1)) >> 6]) & (1UL << (int)(frame & 63))) != 0;
    }

    /// <summary>Adds a frame; true when it was new, and write tags of it must go.</summary>
    internal bool Add(ulong frame)
    {
        ref ulong[]? leaf = ref _leaves[frame >> LeafBits];
        ulong[] bits = Volatile.Read(ref leaf)
            ?? Interlocked.CompareExchange(ref leaf, new ulong[1 << (LeafBits - 6)], null)
            ?? leaf!;
        ulong bit = 1UL << (int)(frame & 63);
        return (Interlocked.Or(ref bits[(frame & ((1 << LeafBits) - 1)) >> 6], bit) & bit) == 0;
    }

    /// <summary>Bytes of this frame changed: takes it out and tells every CPU.</summary>
    internal void Written(ulong frame)
    {
        ulong[]? bits = frame >> LeafBits < (ulong)_leaves.Length ? _leaves[frame >> LeafBits] : null;
        if (bits is null)
            return;
        ulong bit = 1UL << (int)(frame & 63);
        if ((Interlocked.And(ref bits[(frame & ((1 << LeafBits) - 1)) >> 6], ~bit) & bit) != 0)
            Changed?.Invoke(frame);
    }
}
