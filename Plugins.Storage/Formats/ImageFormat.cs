using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>One format of images: what chains of images are opened with, and what tools make and examine.</summary>
internal abstract class ImageFormat : IImageFormat
{
    /// <summary>All formats, those with a mark of their own before raw, which everything is.</summary>
    public static readonly IReadOnlyList<ImageFormat> All = [new Qcow2.Qcow2Format(), new Qcow.QcowFormat(), new Vmdk.VmdkFormat(), new Raw.RawFormat()];

    public abstract string Format { get; }

    public abstract bool Recognises(IBlockFile file);

    /// <summary>The parent that an image names, or null. The format is null where the image does not say.</summary>
    public virtual (string Path, string? Format)? Parent(IBlockFile file) => null;

    /// <summary>Opens an image over its parent, whose owner it becomes, as of the file.</summary>
    public abstract IBlockImage Open(IBlockFile file, IBlockImage? parent, bool isWritable);

    public abstract void Create(IBlockFile file, ImageOptions options);

    public abstract IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file);

    public abstract ImageCheck Check(IBlockFile file, bool repair);

    public abstract void Resize(IBlockFile file, long length);

    /// <summary>The format of a name that an image gives its parent's.</summary>
    /// <exception cref="IOException">There is none of that name.</exception>
    public static ImageFormat Find(string name, string path) => All.FirstOrDefault(format => format.Format == name)
        ?? throw new IOException($"{path} says that its parent's format is '{name}', which is not known; known are {string.Join(", ", All.Select(static format => format.Format))}.");

    /// <summary>The format that a file looks like.</summary>
    public static ImageFormat Recognise(IBlockFile file) => All.First(format => format.Recognises(file));
}
