using Hospes.Sdk.Storage;

namespace Hospes.Host.BootLoader;

/// <summary>A part of a disk.</summary>
/// <param name="Image">The disk.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct DiskSlice(IBlockImage Image, long Start, long Length)
{
    /// <summary>Reads from the part.</summary>
    /// <exception cref="IOException">It has no such place.</exception>
    public void Read(long offset, Span<byte> into)
    {
        if (offset < 0 || offset > Length - into.Length)
            throw new IOException($"byte 0x{offset:x} lies outside the partition");
        Image.Read(Start + offset, into);
    }
}
