using System.Buffers.Binary;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>The bytes of an image, in a file or in memory, read by position.</summary>
internal abstract class ImageContents : IDisposable
{
    /// <summary>How many bytes there are.</summary>
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="ImageFaultException">The image ends before that, or cannot be read.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>As <see cref="Read"/>, for a destination that is all zero: may leave alone what stays zero, so that it takes no host memory.</summary>
    public virtual void ReadOntoZeroes(long offset, Span<byte> destination) => Read(offset, destination);

    /// <summary>The first bytes, at most <paramref name="count"/>.</summary>
    public byte[] ReadStart(int count)
    {
        byte[] start = new byte[Math.Min(count, Length)];
        Read(0, start);
        return start;
    }

    /// <summary>A little-endian 16-bit number.</summary>
    public ushort ReadUInt16(long offset)
    {
        Span<byte> bytes = stackalloc byte[2];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>A little-endian 32-bit number.</summary>
    public uint ReadUInt32(long offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Told before guest memory is written: an image that lies there, borrowed, moves away.</summary>
    public virtual unsafe void KeepClearOf(byte* start, ulong count)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Refuses a range that is not wholly inside the image.</summary>
    protected void CheckRange(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
            throw new ImageFaultException($"is truncated: bytes {offset} to {offset + count} are needed and it has {Length}");
    }
}
