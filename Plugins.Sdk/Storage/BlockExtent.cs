namespace Hospes.Sdk.Storage;

/// <summary>Where a range of a disk lies.</summary>
/// <param name="Kind">What is there.</param>
/// <param name="Descriptor">For data: the kernel's descriptor of the file.</param>
/// <param name="Offset">For data: the place in the file.</param>
/// <param name="Length">How many bytes of the range this holds for, from its beginning.</param>
public readonly record struct BlockExtent(BlockExtentKind Kind, int Descriptor, long Offset, long Length)
{
    /// <summary>Only the image itself can serve the range.</summary>
    public static readonly BlockExtent Unknown = new(BlockExtentKind.Unknown, -1, 0, 0);
}
