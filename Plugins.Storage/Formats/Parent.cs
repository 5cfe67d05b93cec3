using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>Reading from an image's parent, which may be missing or shorter: what it has not is zero.</summary>
internal static class Parent
{
    public static void Read(IBlockImage? parent, long offset, Span<byte> into)
    {
        int there = parent is null ? 0 : (int)Math.Clamp(parent.Length - offset, 0, into.Length);
        if (there > 0)
            parent!.Read(offset, into[..there]);
        into[there..].Clear();
    }

    /// <summary>Where a range that only the parent has lies; none: it is zero.</summary>
    public static BlockExtent Map(IBlockImage? parent, long offset, long length)
    {
        if (parent is null || offset >= parent.Length)
            return new BlockExtent(BlockExtentKind.Zero, -1, 0, length);
        if (parent is not IBlockMapping mapping)
            return BlockExtent.Unknown;
        BlockExtent extent = mapping.Map(offset, Math.Min(length, parent.Length - offset), isWrite: false);
        return extent with { Length = Math.Min(extent.Length, length) };
    }
}
