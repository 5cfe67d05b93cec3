using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Devices.Block;

/// <summary>Opens files for drivers that plan a disk.</summary>
internal sealed class BlockFiles : IBlockFiles
{
    /// <inheritdoc/>
    public IBlockFile Open(BlockSource source) => BlockFile.Open(source);
}
