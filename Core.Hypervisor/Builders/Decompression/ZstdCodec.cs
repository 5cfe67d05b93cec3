using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>libzstd's streaming decoder.</summary>
internal sealed unsafe partial class ZstdCodec : IStreamingCodec
{
    public const string Library = "libzstd.so.1";

    private readonly void* _context;

    public ZstdCodec()
    {
        _context = CreateContext();
        if (_context == null)
            throw new InvalidOperationException("libzstd has no memory for a decoder");
    }

    /// <inheritdoc/>
    public bool Step(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        // The library uses the two pointers only during the call, while both spans are pinned.
        fixed (byte* from = input, to = output)
        {
            var source = new ZstdBuffer { Address = from, Size = (nuint)input.Length };
            var target = new ZstdBuffer { Address = to, Size = (nuint)output.Length };
            nuint result = DecompressStream(_context, &target, &source);
            consumed = (int)source.Position;
            produced = (int)target.Position;
            return IsError(result) == 0
                ? result == 0
                : throw new InvalidDataException($"cannot be read: {Marshal.PtrToStringUTF8(GetErrorName(result))}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => FreeContext(_context);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial void* CreateContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeContext(void* context);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    private static partial nuint DecompressStream(void* context, ZstdBuffer* output, ZstdBuffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint GetErrorName(nuint code);
}
