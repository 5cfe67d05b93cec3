namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>bzip2, by libbz2.</summary>
internal sealed class Bzip2Decompressor : IDecompressor
{
    /// <inheritdoc/>
    public string Name => "bzip2";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.Length > 9 && start.StartsWith("BZh"u8) && start[3] is >= (byte)'1' and <= (byte)'9';

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output) => NativeLibraryGuard.Run(
        Name,
        Bzip2Codec.Library,
        "libbz2-1.0",
        () => StreamingLoop.Run(static () => new Bzip2Codec(), Recognises, input, output));
}
