using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary><c>tap:aio:</c>, a raw image or device past the host's cache.</summary>
[BlockDriver("tap:aio")]
public sealed class AioDriver : RawDriver
{
    private protected override BlockSource Source(string parameters, bool isWritable) =>
        new(DiskPath.Absolute(parameters), isWritable) { IsDirect = true };
}
