using System.Runtime.CompilerServices;

namespace Hospes.Hypervisor.Backends;

/// <summary>
/// One direction of a byte ring in a page shared with the guest: a buffer whose size is a power of two and two free-running indices, masked only on use.
/// </summary>
/// <remarks>
/// The guest can write anything anywhere in the page at any time. Indices are read once and checked before use, and the buffer is reached through the
/// mask, so nothing it writes leads outside the page.
/// </remarks>
internal readonly unsafe struct RingPage(byte* page, int bufferOffset, int size, int consumerOffset, int producerOffset)
{
    private readonly byte* _buffer = page + bufferOffset;
    private readonly byte* _consumer = page + consumerOffset;
    private readonly byte* _producer = page + producerOffset;

    /// <summary>Takes up to the span's length of what the other side has produced; answers how many bytes, or -1 when the indices are impossible.</summary>
    internal int Take(Span<byte> destination)
    {
        uint consumer = Volatile.Read(ref Unsafe.AsRef<uint>(_consumer));
        uint available = Volatile.Read(ref Unsafe.AsRef<uint>(_producer)) - consumer;
        if (available > (uint)size)
            return -1;
        int count = Math.Min((int)available, destination.Length);
        int start = (int)(consumer & (uint)(size - 1));
        int first = Math.Min(count, size - start);
        new ReadOnlySpan<byte>(_buffer + start, first).CopyTo(destination);
        new ReadOnlySpan<byte>(_buffer, count - first).CopyTo(destination[first..]);

        // The copy must be over before the other side may reuse the space.
        Thread.MemoryBarrier();
        Volatile.Write(ref Unsafe.AsRef<uint>(_consumer), consumer + (uint)count);

        // The next look at the producer must not come before the other side can see this.
        Thread.MemoryBarrier();
        return count;
    }

    /// <summary>Bytes that <see cref="Put"/> would take now, or -1 when the indices are impossible.</summary>
    internal int Room()
    {
        uint used = Volatile.Read(ref Unsafe.AsRef<uint>(_producer)) - Volatile.Read(ref Unsafe.AsRef<uint>(_consumer));
        return used > (uint)size ? -1 : size - (int)used;
    }

    /// <summary>Produces as much of the span as there is room for; answers how many bytes, or -1 when the indices are impossible.</summary>
    internal int Put(ReadOnlySpan<byte> source)
    {
        uint producer = Volatile.Read(ref Unsafe.AsRef<uint>(_producer));
        uint used = producer - Volatile.Read(ref Unsafe.AsRef<uint>(_consumer));
        if (used > (uint)size)
            return -1;
        int count = Math.Min(size - (int)used, source.Length);
        int start = (int)(producer & (uint)(size - 1));
        int first = Math.Min(count, size - start);
        source[..first].CopyTo(new Span<byte>(_buffer + start, first));
        source[first..count].CopyTo(new Span<byte>(_buffer, count - first));
        Thread.MemoryBarrier();
        Volatile.Write(ref Unsafe.AsRef<uint>(_producer), producer + (uint)count);
        Thread.MemoryBarrier();
        return count;
    }

    /// <summary>Throws away what is there: the indices are made equal.</summary>
    internal void Clear() => Volatile.Write(ref Unsafe.AsRef<uint>(_consumer), Volatile.Read(ref Unsafe.AsRef<uint>(_producer)));
}
