namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>Zstandard (RFC 8878), by libzstd.</summary>
internal sealed class ZstdDecompressor : IDecompressor
{
    /// <inheritdoc/>
    public string Name => "zstd";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.Length > 8 && start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output) => NativeLibraryGuard.Run(
        Name,
        ZstdCodec.Library,
        "libzstd1",
        () => StreamingLoop.Run(static () => new ZstdCodec(), Recognises, input, output));
}
