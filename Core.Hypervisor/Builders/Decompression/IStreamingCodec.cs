namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>A native decoder that takes input and gives output in steps of any size. Disposing frees its native state.</summary>
internal interface IStreamingCodec : IDisposable
{
    /// <summary>Decodes as much as input and output allow.</summary>
    /// <param name="input">What there is to read.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="consumed">Bytes of input used.</param>
    /// <param name="produced">Bytes of output written.</param>
    /// <returns>True at the end of the compressed data.</returns>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    bool Step(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced);
}
