using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary>A disk in a file: what it holds no more takes no room any more.</summary>
internal sealed class RawFileImage(IBlockFile file, bool isWritable) : RawImage(file, isWritable), IBlockDiscard
{
    public int DiscardGranularity => 4096;

    public void Discard(long offset, long length) => File.Zero(offset, length);
}
