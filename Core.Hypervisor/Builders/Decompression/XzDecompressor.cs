namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>xz, by liblzma.</summary>
internal sealed class XzDecompressor : IDecompressor
{
    /// <inheritdoc/>
    public string Name => "xz";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output) => NativeLibraryGuard.Run(
        Name,
        LzmaCodec.Library,
        "liblzma5",
        () => StreamingLoop.Run(static () => new LzmaCodec(isXz: true), Recognises, input, output));
}
