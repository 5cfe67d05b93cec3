using Hospes.Hypervisor.Builders.Decompression;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>An image that was decompressed into memory. Owns the memory.</summary>
internal sealed class MemoryContents(DecompressionBuffer buffer) : ImageContents
{
    private const int PageSize = 4096;

    /// <inheritdoc/>
    public override long Length => buffer.Length;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        buffer.Read(offset, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void ReadOntoZeroes(long offset, Span<byte> destination)
    {
        // Linux's kernels carry their zeroed data as bytes: a quarter of Debian's cloud kernel.
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> page = buffer.Read(offset, Math.Min(PageSize, destination.Length));
            if (page.ContainsAnyExcept((byte)0))
                page.CopyTo(destination);
            destination = destination[page.Length..];
            offset += page.Length;
        }
    }

    /// <inheritdoc/>
    public override unsafe void KeepClearOf(byte* start, ulong count) => buffer.KeepClearOf(start, count);

    /// <inheritdoc/>
    public override void Dispose() => buffer.Dispose();
}
