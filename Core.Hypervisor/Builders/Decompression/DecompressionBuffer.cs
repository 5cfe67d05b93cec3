using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>
/// Where decompressed data goes: address space for all that is allowed, host memory only for what is written. So the data is written once, to its
/// final place, without knowing its size before, and the memory goes back to the host at once afterwards. RAM borrowed from the guest that is being
/// built serves first, as that is there anyway; what turns out not to fit moves to memory of its own.
/// </summary>
internal sealed unsafe class DecompressionBuffer : IDisposable
{
    /// <summary>Room beyond the limit, so that a method that writes whole blocks need not tell "damaged" from "too large".</summary>
    public const int Slack = 8 << 20;

    // What is written next is taken from the host in such pieces.
    private const int Piece = 8 << 20;
    private const int PageSize = 4096;

    private readonly long _limit;
    private BorrowedRam? _borrowed;
    private byte* _base;
    private nuint _reserved;
    private long _populated;
    private bool _disposed;

    /// <summary>Reserves address space for <paramref name="limit"/> bytes.</summary>
    /// <param name="limit">The most that may be written, in bytes.</param>
    /// <param name="borrowed">Where to begin; the buffer gives it back. Null: memory of its own from the start.</param>
    public DecompressionBuffer(long limit, BorrowedRam? borrowed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        _limit = limit;
        if (borrowed is null)
        {
            _reserved = (nuint)(limit + Slack);
            _base = Reserve(_reserved);
            return;
        }

        _borrowed = borrowed;
        _base = borrowed.Start;
        _reserved = (nuint)borrowed.Length;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next bytes go; valid until <see cref="Dispose"/>. Ends at the slack's end, at most 16 MiB away.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_borrowed is not null && (long)_reserved - Length < Slack)
                MoveToOwn();
            Populate();
            return new(_base + Length, (int)Math.Min((long)_reserved - Length, 16 << 20));
        }
    }

    /// <summary>The first <paramref name="count"/> bytes of <see cref="Free"/> are written.</summary>
    /// <exception cref="OutputLimitException">That is more than the limit.</exception>
    public void Advance(int count)
    {
        if (Length + count > _limit)
            throw new OutputLimitException(_limit);
        Length += count;
    }

    /// <summary>Forgets the last <paramref name="count"/> bytes.</summary>
    public void TrimEnd(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        Length -= count;
    }

    /// <summary>A part of what was written; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);

        // The range is within what was written, which is within the mapping.
        return new ReadOnlySpan<byte>(_base + offset, count);
    }

    /// <summary>Makes sure that no borrowed memory is at <paramref name="start"/> or the <paramref name="count"/> bytes after it: those stay when the loan is over. Spans from before are void.</summary>
    public void KeepClearOf(byte* start, ulong count)
    {
        if (_borrowed is not null && start < _base + _reserved && _base < start + count)
            MoveToOwn();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_borrowed is not null)
            _borrowed.Dispose();
        else
            Libc.Munmap(_base, _reserved);
    }

    private void Populate()
    {
        long start = Math.Max(_populated, Length & -PageSize);
        long end = Math.Min((Length + Piece) & -PageSize, (long)_reserved & -PageSize);
        if (end <= start)
            return;
        HostPages.Populate(new Span<byte>(_base + start, (int)(end - start)));
        _populated = end;
    }

    private static byte* Reserve(nuint length)
    {
        void* mapped = Libc.Mmap(null, length, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        return mapped == Libc.MapFailed ? throw Libc.Failure($"cannot reserve {length} bytes for decompression") : (byte*)mapped;
    }

    private void MoveToOwn()
    {
        nuint length = (nuint)(_limit + Slack);
        byte* start = Reserve(length);
        Buffer.MemoryCopy(_base, start, (long)length, Length);
        _base = start;
        _reserved = length;
        _populated = Length & -PageSize;
        _borrowed!.Dispose();
        _borrowed = null;
    }
}
