using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Memory;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>The compressions that can be undone here.</summary>
internal static class CompressionMethods
{
    // Lzma last: its recognition is the weakest, as the format has no magic number.
    private static readonly IDecompressor[] All =
    [
        new GzipDecompressor(),
        new Bzip2Decompressor(),
        new XzDecompressor(),
        new Lz4LegacyDecompressor(),
        new ZstdDecompressor(),
        new LzmaDecompressor(),
    ];

    /// <summary>How many bytes of the data <see cref="Find"/> wants to see.</summary>
    public const int BytesNeeded = 16;

    /// <summary>The method for data that starts so, or null.</summary>
    public static IDecompressor? Find(ReadOnlySpan<byte> start)
    {
        foreach (IDecompressor method in All)
        {
            if (method.Recognises(start))
                return method;
        }

        return null;
    }

    /// <summary>Decompresses a range of an image into an image of its own.</summary>
    /// <exception cref="ImageFaultException">The data is damaged, or more than <paramref name="limit"/> bytes come out.</exception>
    public static MemoryContents Decompress(IDecompressor method, ImageContents contents, long start, long length, long limit, BorrowedRam? borrowed)
    {
        var buffer = new DecompressionBuffer(limit, borrowed);
        try
        {
            using var input = new ContentsStream(contents, start, length);
            method.Decompress(input, buffer);
            return new MemoryContents(buffer);
        }
        catch (OutputLimitException)
        {
            buffer.Dispose();
            throw new ImageFaultException($"decompresses ({method.Name}) to more than the {limit >> 20} MiB that there is room for");
        }
        catch (InvalidDataException failure)
        {
            buffer.Dispose();
            throw new ImageFaultException($"is damaged: its {method.Name} data {failure.Message}", failure);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
