using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary><c>tap:ram:</c>, a copy of an image in memory; what the guest writes is gone with the domain (fact sheet "Storage", section 3.3).</summary>
[BlockDriver("tap:ram")]
public sealed class RamDriver : RawDriver
{
    /// <summary>As much as the memory disks of the fact sheet could hold, bytes.</summary>
    internal const long Most = 500L << 20;

    /// <inheritdoc/>
    public override IBlockImage Open(IReadOnlyList<IBlockFile> files, bool isWritable)
    {
        using IBlockFile file = files[0];
        return new RamImage(file, isWritable);
    }

    private protected override BlockSource Source(string parameters, bool isWritable) => new(DiskPath.Absolute(parameters), IsWritable: false);
}
