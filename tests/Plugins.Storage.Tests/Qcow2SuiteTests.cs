using Hospes.Sdk.Storage;
using Hospes.Storage.Qcow2;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

public sealed class Qcow2SuiteTests : BlockDriverSuite
{
    protected override IBlockDriver Driver { get; } = new Qcow2Driver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        ((IImageFormat)Driver).Create(file, new ImageOptions(Sectors * DiskModel.Sector));
        return file;
    }
}
