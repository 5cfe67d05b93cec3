using Hospes.Sdk.Storage;
using Hospes.Storage.Qcow2;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

/// <summary>Clusters of 512 bytes: tables and counts are everywhere, and the count table itself has to grow.</summary>
public sealed class SmallQcow2SuiteTests : BlockDriverSuite
{
    protected override long Sectors => 17501;

    protected override int MostCrashes => 40;

    protected override int LongestWrite => 3000;

    protected override IBlockDriver Driver { get; } = new Qcow2Driver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        ((IImageFormat)Driver).Create(file, new ImageOptions(Sectors * DiskModel.Sector) { ClusterSize = 512 });
        return file;
    }
}
