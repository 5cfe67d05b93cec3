using Hospes.Sdk.Storage;
using Hospes.Storage.Qcow;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

public sealed class QcowSuiteTests : BlockDriverSuite
{
    protected override IBlockDriver Driver { get; } = new QcowDriver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        ((IImageFormat)Driver).Create(file, new ImageOptions(Sectors * DiskModel.Sector));
        return file;
    }
}
