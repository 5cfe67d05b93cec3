using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>
/// lz4's legacy frame, the one Linux uses (LZ4 Frame Format Description, "Legacy frame"), by liblz4: the magic number 0x184c2102, then blocks, each
/// with its compressed size in 4 bytes and at most 8 MiB when decompressed. The frame has no end mark; it ends with the data.
/// </summary>
internal sealed partial class Lz4LegacyDecompressor : IDecompressor
{
    private const string Library = "liblz4.so.1";
    private const int BlockSize = 8 << 20;

    // What an incompressible block can grow to (lz4.h, LZ4_COMPRESSBOUND).
    private const int MaximumCompressedSize = BlockSize + (BlockSize / 255) + 16;

    private static ReadOnlySpan<byte> Magic => [0x02, 0x21, 0x4c, 0x18];

    /// <inheritdoc/>
    public string Name => "lz4";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <inheritdoc/>
    public void Decompress(Stream input, DecompressionBuffer output) =>
        NativeLibraryGuard.Run(Name, Library, "liblz4-1", () => DecompressFrame(input, output));

    private static unsafe void DecompressFrame(Stream input, DecompressionBuffer output)
    {
        // Not of the managed heap, which would keep it: a domain's process decompresses once in its life.
        byte* block = (byte*)NativeMemory.Alloc(MaximumCompressedSize);
        try
        {
            Span<byte> word = stackalloc byte[4];
            input.ReadExactly(word);

            // A payload in a boot image ends with the decompressed size: four bytes that look like a block's size with no block behind.
            while (input.ReadAtLeast(word, word.Length, throwOnEndOfStream: false) == word.Length && input.Position < input.Length)
            {
                if (word.SequenceEqual(Magic))
                    continue;
                uint size = BinaryPrimitives.ReadUInt32LittleEndian(word);
                if (size > MaximumCompressedSize)
                    throw new InvalidDataException($"has a block of {size} bytes, and {MaximumCompressedSize} is the most");
                if (size > input.Length - input.Position)
                    throw new InvalidDataException("ends too early");
                Span<byte> compressed = new(block, (int)size);
                input.ReadExactly(compressed);
                output.Advance(DecompressBlock(compressed, output.Free));
            }
        }
        finally
        {
            NativeMemory.Free(block);
        }
    }

    private static unsafe int DecompressBlock(ReadOnlySpan<byte> block, Span<byte> free)
    {
        // The library reads and writes within the sizes it is given, whatever the block says.
        fixed (byte* from = block, to = free)
        {
            int count = DecompressSafe(from, to, block.Length, Math.Min(free.Length, BlockSize));
            return count >= 0 ? count : throw new InvalidDataException("has a block that cannot be read");
        }
    }

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    private static unsafe partial int DecompressSafe(byte* source, byte* destination, int compressedSize, int capacity);
}
