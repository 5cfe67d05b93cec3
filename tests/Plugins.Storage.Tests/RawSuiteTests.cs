using Hospes.Sdk.Storage;
using Hospes.Storage.Raw;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

public sealed class RawSuiteTests : BlockDriverSuite
{
    protected override IBlockDriver Driver { get; } = new FileDriver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        ((IImageFormat)Driver).Create(file, new ImageOptions(Sectors * DiskModel.Sector));
        return file;
    }
}
