using Hospes.Hypervisor.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>An image in a sealed memory file with holes where it is zero. Does not own the file.</summary>
internal sealed class SparseContents(SafeFileHandle file, long length) : ImageContents
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            int count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
                throw new ImageFaultException($"ends at byte {offset} in memory and had {length}");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public override void ReadOntoZeroes(long offset, Span<byte> destination)
    {
        // Each look answers for itself; that they move the file's position, which other processes share, hurts nobody, as no one uses that.
        CheckRange(offset, destination.Length);
        int descriptor = (int)file.DangerousGetHandle();
        long end = offset + destination.Length;
        for (long at = offset; at < end;)
        {
            long data = Libc.Lseek(descriptor, at, Libc.SeekData);
            if (data < 0 || data >= end)
                return; // nothing but a hole is left
            long hole = Math.Min(Libc.Lseek(descriptor, data, Libc.SeekHole), end);
            Span<byte> piece = destination.Slice((int)(data - offset), (int)(hole - data));
            HostPages.Populate(piece);
            Read(data, piece);
            at = hole;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }
}
