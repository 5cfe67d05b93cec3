namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>Undoes one of the compressions that Linux's boot images come in.</summary>
internal interface IDecompressor
{
    /// <summary>What people call the compression: <c>lz4</c>.</summary>
    string Name { get; }

    /// <summary>Whether data that starts so is compressed by this method.</summary>
    bool Recognises(ReadOnlySpan<byte> start);

    /// <summary>
    /// Appends what <paramref name="input"/> decompresses to. Bytes after the end of the compressed data are left alone: boot images append the
    /// decompressed size to the payload.
    /// </summary>
    /// <exception cref="InvalidDataException">The data is damaged or ends too early.</exception>
    /// <exception cref="OutputLimitException">The buffer's limit is reached.</exception>
    /// <exception cref="Images.ImageFaultException">The library that does it is not installed.</exception>
    void Decompress(Stream input, DecompressionBuffer output);
}
