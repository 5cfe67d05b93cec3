using System.Runtime.InteropServices;
using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary>A disk in memory.</summary>
internal sealed unsafe class RamImage : IBlockImage
{
    private const int Sector = 512;
    private const int Part = 1 << 20;

    private byte* _bytes;

    public RamImage(IBlockFile file, bool isWritable)
    {
        IsWritable = isWritable;
        Length = file.Length / Sector * Sector;
        if (Length is 0 or > RamDriver.Most)
            throw new IOException($"{file.Path} has {Length} bytes; a disk in memory has at least {Sector} and at most {RamDriver.Most >> 20} MiB.");
        _bytes = (byte*)NativeMemory.AlignedAlloc((nuint)Length, 4096);
        try
        {
            for (long at = 0; at < Length; at += Part)
                file.Read(at, Range(at, (int)Math.Min(Part, Length - at)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public long Length { get; }

    public bool IsWritable { get; }

    public void Read(long offset, Span<byte> into) => Range(offset, into.Length).CopyTo(into);

    public void Write(long offset, ReadOnlySpan<byte> from) => from.CopyTo(Range(offset, from.Length));

    public void Flush()
    {
        // Memory is all the medium there is.
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
    }

    // The contract: callers check ranges. This check keeps a mistake of theirs from reaching other memory.
    private Span<byte> Range(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Span<byte>(_bytes + offset, length);
    }
}
