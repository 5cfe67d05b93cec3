using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary>What the drivers for raw disks have in common: they differ in how they open what.</summary>
public abstract class RawDriver : IBlockDriver
{
    /// <inheritdoc/>
    public IReadOnlyList<BlockSource> Plan(string parameters, bool isWritable, IBlockFiles files) => [Source(parameters, isWritable)];

    /// <inheritdoc/>
    public virtual IBlockImage Open(IReadOnlyList<IBlockFile> files, bool isWritable)
    {
        try
        {
            return files[0].IsDevice ? new RawImage(files[0], isWritable) : new RawFileImage(files[0], isWritable);
        }
        catch
        {
            files[0].Dispose();
            throw;
        }
    }

    private protected abstract BlockSource Source(string parameters, bool isWritable);
}
