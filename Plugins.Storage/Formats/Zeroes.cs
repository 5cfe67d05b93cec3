using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>Zeroes that take room.</summary>
internal static class Zeroes
{
    private static readonly byte[] Block = new byte[1 << 16];

    public static void Write(IBlockFile file, long offset, long length)
    {
        for (long end = offset + length; offset < end; offset += Block.Length)
            file.Write(offset, Block.AsSpan(0, (int)Math.Min(Block.Length, end - offset)));
    }
}
