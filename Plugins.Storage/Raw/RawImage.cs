using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary>A disk that is a file or device as it is. Its size is what it was when it was opened; a tail of less than a sector is left out.</summary>
internal class RawImage : IBlockImage, IBlockMapping
{
    private const int Sector = 512;

    public RawImage(IBlockFile file, bool isWritable)
    {
        File = file;
        IsWritable = isWritable && file.IsWritable;
        Length = file.Length / Sector * Sector;
        if (Length == 0)
            throw new IOException($"{file.Path} is empty: a disk has at least one sector of {Sector} bytes.");
    }

    public long Length { get; }

    public bool IsWritable { get; }

    public int FlushDescriptor => File.Descriptor;

    protected IBlockFile File { get; }

    public BlockExtent Map(long offset, long length, bool isWrite) => File.Descriptor < 0
        ? BlockExtent.Unknown
        : new BlockExtent(BlockExtentKind.Data, File.Descriptor, offset, Length - offset);

    public void Read(long offset, Span<byte> into) => File.Read(offset, into);

    public void Write(long offset, ReadOnlySpan<byte> from) => File.Write(offset, from);

    public void Flush() => File.Flush();

    public void Dispose() => File.Dispose();
}
