using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary><c>file:</c>, a raw image in a file, through the host's cache as a loop device would have it. A flush still reaches the medium.</summary>
[BlockDriver("file")]
public sealed class FileDriver : RawDriver
{
    private protected override BlockSource Source(string parameters, bool isWritable) =>
        new(DiskPath.Absolute(parameters), isWritable) { Kind = BlockSourceKind.File };
}
