namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>The LZMA_alone format, by liblzma.</summary>
internal sealed class LzmaDecompressor : IDecompressor
{
    /// <inheritdoc/>
    public string Name => "lzma";

    /// <summary>
    /// The format has no magic number. Its 13-byte header is a properties byte, which is 0x5d from every compressor in use, a dictionary size, of which
    /// the lower half is zero in practice, and the size or all ones.
    /// </summary>
    public bool Recognises(ReadOnlySpan<byte> start) => start.Length >= 13 && start.StartsWith((ReadOnlySpan<byte>)[0x5d, 0, 0]);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output) => NativeLibraryGuard.Run(
        Name,
        LzmaCodec.Library,
        "liblzma5",
        () => StreamingLoop.Run(static () => new LzmaCodec(isXz: false), static _ => false, input, output));
}
