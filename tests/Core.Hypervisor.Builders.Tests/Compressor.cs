using System.IO.Compression;

namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Compresses as Linux's build does: the same tools, and the size appended for all but gzip.</summary>
internal static class Compressor
{
    private static readonly Dictionary<string, string[]> Tools = new(StringComparer.Ordinal)
    {
        ["bzip2"] = ["bzip2", "-1"],
        ["lzma"] = ["xz", "--format=lzma", "-0"],
        ["xz"] = ["xz", "--check=crc32", "--x86", "--lzma2=preset=0,dict=32MiB"],
        ["lz4"] = ["lz4", "-l", "-1", "-c", "-"],
        ["zstd"] = ["zstd", "-1", "-q"],
    };

    public static IEnumerable<string> Methods => ["gzip", .. Tools.Keys];

    /// <summary>Compresses, or skips the test when the tool is not installed.</summary>
    public static byte[] Compress(string method, byte[] data)
    {
        if (method != "gzip")
        {
            string[] command = Tools[method];
            Skip.IfNot(CommandTool.IsInstalled(command[0]), $"{command[0]} is not installed");
            return CommandTool.Filter(data, command[0], command[1..]);
        }

        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(data);
        return output.ToArray();
    }

    /// <summary>A bzImage with the data compressed in it.</summary>
    public static byte[] BzImage(string method, byte[] data) =>
        Hospes.TestGuests.BzImage.Wrap(Compress(method, data), method == "gzip" ? null : (uint)data.Length);
}
