using Hospes.Sdk.Storage;
using Hospes.Storage.Raw;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

public sealed class RamSuiteTests : BlockDriverSuite
{
    protected override bool Keeps => false;

    protected override IBlockDriver Driver { get; } = new RamDriver();

    protected override MemoryFile Make()
    {
        MemoryFile file = new();
        file.SetLength(Sectors * DiskModel.Sector);
        return file;
    }
}
