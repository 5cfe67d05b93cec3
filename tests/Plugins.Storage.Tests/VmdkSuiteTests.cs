using Hospes.Sdk.Storage;
using Hospes.Storage.Vmdk;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

public sealed class VmdkSuiteTests : BlockDriverSuite
{
    protected override IBlockDriver Driver { get; } = new VmdkDriver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        ((IImageFormat)Driver).Create(file, new ImageOptions(Sectors * DiskModel.Sector));
        return file;
    }
}
