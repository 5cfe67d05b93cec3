using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>liblzma's decoder, for xz streams and for the older LZMA_alone format.</summary>
internal sealed unsafe partial class LzmaCodec : IStreamingCodec
{
    public const string Library = "liblzma.so.5";

    private const int Ok = 0;
    private const int StreamEnd = 1;
    private const int MemoryLimitReached = 6;
    private const int BufferError = 10;
    private const int ActionRun = 0;

    // A dictionary may be up to 4 GiB by the format; kernels use at most 128 MiB (xz -9e and Linux's own wrapper).
    private const ulong MemoryLimit = 512 << 20;

    // Native memory: the library keeps pointers into the structure between calls.
    private readonly LzmaStream* _stream;

    /// <summary>Opens a decoder.</summary>
    /// <param name="isXz">An xz stream; else LZMA_alone.</param>
    public LzmaCodec(bool isXz)
    {
        _stream = (LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream));
        try
        {
            int result = isXz ? StreamDecoder(_stream, MemoryLimit, flags: 0) : AloneDecoder(_stream, MemoryLimit);
            if (result != Ok)
                throw new InvalidOperationException($"liblzma answers {result} to the making of a decoder");
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
            _stream->AvailableIn = (nuint)input.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (nuint)output.Length;
            int result = Code(_stream, ActionRun);
            consumed = input.Length - (int)_stream->AvailableIn;
            produced = output.Length - (int)_stream->AvailableOut;
            return result switch
            {
                Ok or BufferError => false,
                StreamEnd => true,
                MemoryLimitReached => throw new InvalidDataException($"needs more than {MemoryLimit >> 20} MiB to be read"),
                _ => throw new InvalidDataException($"cannot be read: liblzma answers {result}"),
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End(_stream);
        NativeMemory.Free(_stream);
    }

    [LibraryImport(Library, EntryPoint = "lzma_stream_decoder")]
    private static partial int StreamDecoder(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library, EntryPoint = "lzma_alone_decoder")]
    private static partial int AloneDecoder(LzmaStream* stream, ulong memoryLimit);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    private static partial int Code(LzmaStream* stream, int action);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    private static partial void End(LzmaStream* stream);
}
