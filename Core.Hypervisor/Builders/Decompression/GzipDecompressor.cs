using System.IO.Compression;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>
/// gzip (RFC 1952), by the runtime's own zlib. The runtime takes data that ends too early for data that ends, so a further gzip member of known
/// content is put behind the input: it comes out at the end exactly when everything before it was complete.
/// </summary>
internal sealed class GzipDecompressor : IDecompressor
{
    private readonly byte[] _mark = [.. "\0end of\0"u8];
    private readonly byte[] _markMember;

    public GzipDecompressor()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(_mark);
        _markMember = member.ToArray();
    }

    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 8]);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output)
    {
        using var marked = new AppendedStream(input, _markMember);
        using var gzip = new GZipStream(marked, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            for (int count; (count = gzip.Read(output.Free)) != 0;)
                output.Advance(count);
        }
        catch (InvalidDataException failure)
        {
            throw new InvalidDataException($"cannot be read: {failure.Message}", failure);
        }

        if (output.Length < _mark.Length || !output.Read(output.Length - _mark.Length, _mark.Length).SequenceEqual(_mark))
            throw new InvalidDataException("ends too early, or something else follows it");
        output.TrimEnd(_mark.Length);
    }
}
