using System.IO.Compression;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>gzip (RFC 1952), by the runtime's own zlib.</summary>
internal sealed class GzipDecompressor : IDecompressor
{
    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 8]);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output)
    {
        using var gzip = new GZipStream(input, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            for (int count; (count = gzip.Read(output.Free)) != 0;)
                output.Advance(count);
        }
        catch (InvalidDataException failure)
        {
            throw new InvalidDataException($"cannot be read: {failure.Message}", failure);
        }
    }
}
