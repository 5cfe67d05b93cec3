using System.Globalization;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Raw;

/// <summary>No format: the disk's bytes.</summary>
internal sealed class RawFormat : ImageFormat
{
    public override string Format => "raw";

    public override bool Recognises(IBlockFile file) => true;

    public override IBlockImage Open(IBlockFile file, IBlockImage? parent, bool isWritable) => new RawImage(file, isWritable);

    public override void Create(IBlockFile file, ImageOptions options)
    {
        if (options.Backing is not null)
            throw new FormatException("A raw image has no parent; take qcow2 for a clone.");
        if (options.IsPreallocated)
            Formats.Zeroes.Write(file, 0, options.Length);
        else
            file.SetLength(options.Length);
        file.Flush();
    }

    public override IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file) =>
        [new("virtual size", file.Length.ToString(CultureInfo.InvariantCulture))];

    public override ImageCheck Check(IBlockFile file, bool repair) => ImageCheck.Clean;

    public override void Resize(IBlockFile file, long length)
    {
        file.SetLength(length);
        file.Flush();
    }
}
