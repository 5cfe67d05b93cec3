using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>A file that somebody else disposes.</summary>
internal sealed class BorrowedFile(IBlockFile file) : IBlockFile
{
    public string Path => file.Path;

    public long Length => file.Length;

    public bool IsWritable => file.IsWritable;

    public bool IsDevice => file.IsDevice;

    public int Descriptor => file.Descriptor;

    public void Read(long offset, Span<byte> into) => file.Read(offset, into);

    public void Write(long offset, ReadOnlySpan<byte> from) => file.Write(offset, from);

    public void Flush() => file.Flush();

    public void SetLength(long length) => file.SetLength(length);

    public void Zero(long offset, long length) => file.Zero(offset, length);

    public void Dispose()
    {
        // It is not ours.
    }
}
