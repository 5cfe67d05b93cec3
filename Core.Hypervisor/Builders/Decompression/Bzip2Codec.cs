using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>libbz2's decoder.</summary>
internal sealed unsafe partial class Bzip2Codec : IStreamingCodec
{
    public const string Library = "libbz2.so.1.0";

    private const int Ok = 0;
    private const int StreamEnd = 4;

    // Native memory: libbz2 keeps the structure's address and refuses a stream that has moved.
    private readonly Bzip2Stream* _stream;

    public Bzip2Codec()
    {
        _stream = (Bzip2Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Bzip2Stream));
        try
        {
            int result = DecompressInit(_stream, verbosity: 0, small: 0);
            if (result != Ok)
                throw new InvalidOperationException($"BZ2_bzDecompressInit answers {result}");
        }
        catch
        {
            NativeMemory.Free(_stream);
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Step(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        // The library uses the two pointers only during the call, while both spans are pinned.
        fixed (byte* from = input, to = output)
        {
            _stream->NextIn = from;
            _stream->AvailableIn = (uint)input.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (uint)output.Length;
            int result = Decompress(_stream);
            consumed = input.Length - (int)_stream->AvailableIn;
            produced = output.Length - (int)_stream->AvailableOut;
            return result switch
            {
                Ok => false,
                StreamEnd => true,
                _ => throw new InvalidDataException($"cannot be read: libbz2 answers {result}"),
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DecompressEnd(_stream);
        NativeMemory.Free(_stream);
    }

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressInit")]
    private static partial int DecompressInit(Bzip2Stream* stream, int verbosity, int small);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompress")]
    private static partial int Decompress(Bzip2Stream* stream);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressEnd")]
    private static partial int DecompressEnd(Bzip2Stream* stream);
}
