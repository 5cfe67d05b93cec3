namespace Hospes.Sdk.Storage;

/// <summary>
/// An optional ability of an <see cref="IBlockImage"/>: it says where in which file a range lies, so that data move between that file and the guest's
/// memory by themselves. A place once told stays that range's own until the image is disposed.
/// </summary>
public interface IBlockMapping
{
    /// <summary>
    /// Finds a range. Any thread; must not wait for a medium or for other calls.
    /// </summary>
    /// <param name="offset">Where on the disk.</param>
    /// <param name="length">How much.</param>
    /// <param name="isWrite">It is to be overwritten.</param>
    BlockExtent Map(long offset, long length, bool isWrite);

    /// <summary>Whether <see cref="IBlockImage.Flush"/> is nothing but a flush of this descriptor; -1: it is more.</summary>
    int FlushDescriptor { get; }
}
