using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary><c>tap:sync:</c>, a raw image or device whose every write is on the medium before it is answered.</summary>
[BlockDriver("tap:sync")]
public sealed class SyncDriver : RawDriver
{
    private protected override BlockSource Source(string parameters, bool isWritable) =>
        new(DiskPath.Absolute(parameters), isWritable) { IsDirect = true, IsSynchronous = true };
}
