using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary><c>file:</c>, a raw image in a file, through the host's cache as a loop device would have it. A flush still reaches the medium.</summary>
[BlockDriver("file")]
public sealed class FileDriver : RawDriver, IImageFormat
{
    private static readonly RawFormat Raw = new();

    /// <inheritdoc/>
    public string Format => Raw.Format;

    /// <inheritdoc/>
    public bool Recognises(IBlockFile file) => Raw.Recognises(file);

    /// <inheritdoc/>
    public void Create(IBlockFile file, ImageOptions options) => Raw.Create(file, options);

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file) => Raw.Describe(file);

    /// <inheritdoc/>
    public ImageCheck Check(IBlockFile file, bool repair) => Raw.Check(file, repair);

    /// <inheritdoc/>
    public void Resize(IBlockFile file, long length) => Raw.Resize(file, length);

    private protected override BlockSource Source(string parameters, bool isWritable) =>
        new(DiskPath.Absolute(parameters), isWritable) { Kind = BlockSourceKind.File };
}
