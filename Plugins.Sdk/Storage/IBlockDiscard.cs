namespace Hospes.Sdk.Storage;

/// <summary>An optional ability of an <see cref="IBlockImage"/>: ranges that hold nothing any more can be given back.</summary>
public interface IBlockDiscard
{
    /// <summary>Ranges smaller than this, or not on multiples of it, may be given back in part or not at all. Bytes.</summary>
    int DiscardGranularity { get; }

    /// <summary>The range's content is of no use any more: it reads as what it was, or as zeroes.</summary>
    /// <exception cref="IOException">The image could not be changed.</exception>
    void Discard(long offset, long length);
}
