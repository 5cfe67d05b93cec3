using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>
/// Where decompressed data goes: address space for all that is allowed, host memory only for what is written. So the data is written once, to its
/// final place, without knowing its size before, and the memory goes back to the host at once afterwards.
/// </summary>
internal sealed unsafe class DecompressionBuffer : IDisposable
{
    /// <summary>Room beyond the limit, so that a method that writes whole blocks need not tell "damaged" from "too large".</summary>
    public const int Slack = 8 << 20;

    private readonly byte* _base;
    private readonly nuint _reserved;
    private readonly long _limit;
    private bool _disposed;

    /// <summary>Reserves address space for <paramref name="limit"/> bytes.</summary>
    public DecompressionBuffer(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        _limit = limit;
        _reserved = (nuint)(limit + Slack);
        void* mapped = Libc.Mmap(null, _reserved, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        if (mapped == Libc.MapFailed)
            throw Libc.Failure($"cannot reserve {_reserved} bytes for decompression");
        _base = (byte*)mapped;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next bytes go; valid until <see cref="Dispose"/>. Ends at the slack's end, at most 16 MiB away.</summary>
    public Span<byte> Free => new(_base + Length, (int)Math.Min((long)_reserved - Length, 16 << 20));

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

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Libc.Munmap(_base, _reserved);
    }
}
