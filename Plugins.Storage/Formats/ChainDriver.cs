using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>A driver for disks that may have parents: images from which they differ.</summary>
/// <remarks>
/// A parent whose format its child does not name is taken for what it looks like; since a guest can make a raw disk look like anything, one that was
/// recognised only by its looks may have no parent of its own, unless it is of the child's format, where no format is ever named.
/// </remarks>
public abstract class ChainDriver : IBlockDriver, IImageFormat
{
    /// <summary>Images in one chain.</summary>
    internal const int Longest = 16;

    private readonly ImageFormat _format;

    private protected ChainDriver(ImageFormat format) => _format = format;

    /// <inheritdoc/>
    public IReadOnlyList<BlockSource> Plan(string parameters, bool isWritable, IBlockFiles files)
    {
        List<BlockSource> sources = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        string path = DiskPath.Absolute(parameters);
        ImageFormat? format = _format;
        bool isGuessed = false;
        while (true)
        {
            string real = Real(path);
            if (!seen.Add(real))
                throw new IOException($"{sources[^1].Path} has {path} for its parent, of which it is itself a parent: the chain of images is a loop.");
            if (sources.Count == Longest)
                throw new IOException($"{sources[0].Path} has a chain of more than {Longest} images.");
            BlockSource source = new(real, isWritable && sources.Count == 0) { IsBacking = sources.Count > 0 };
            sources.Add(source);
            using IBlockFile file = Open(files, source, sources);
            format ??= ImageFormat.Recognise(file);
            if (!format.Recognises(file))
                throw new IOException($"{path} is no {format.Format} image.");
            if (format.Parent(file) is not { } parent)
                return sources;
            if (isGuessed && format != _format)
                throw new IOException($"{path} was taken for a {format.Format} image by its looks, and names the parent {parent.Path}: name its format in {sources[^2].Path}.");
            string directory = Path.GetDirectoryName(path)!;
            path = Path.GetFullPath(parent.Path.StartsWith("file:", StringComparison.Ordinal) ? parent.Path["file:".Length..] : parent.Path, directory);
            isGuessed = parent.Format is null;
            format = parent.Format is null ? null : ImageFormat.Find(parent.Format, source.Path);
        }
    }

    /// <inheritdoc/>
    public IBlockImage Open(IReadOnlyList<IBlockFile> files, bool isWritable)
    {
        try
        {
            ImageFormat?[] formats = new ImageFormat?[files.Count];
            formats[0] = _format;
            for (int index = 0; index < files.Count; index++)
            {
                ImageFormat format = formats[index] ??= ImageFormat.Recognise(files[index]);
                if ((format.Parent(files[index]) is not null) != (index + 1 < files.Count))
                    throw new IOException($"{files[index].Path} has changed: its chain of images is not what it was when it was checked.");
                if (index + 1 < files.Count && format.Parent(files[index])!.Value.Format is { } next)
                    formats[index + 1] = ImageFormat.Find(next, files[index].Path);
            }

            IBlockImage? image = null;
            for (int index = files.Count - 1; index >= 0; index--)
                image = formats[index]!.Open(files[index], image, isWritable && index == 0);
            return image!;
        }
        catch
        {
            foreach (IBlockFile file in files)
                file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Format => _format.Format;

    /// <inheritdoc/>
    public bool Recognises(IBlockFile file) => _format.Recognises(file);

    /// <inheritdoc/>
    public void Create(IBlockFile file, ImageOptions options) => _format.Create(file, options);

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file) => _format.Describe(file);

    /// <inheritdoc/>
    public ImageCheck Check(IBlockFile file, bool repair) => _format.Check(file, repair);

    /// <inheritdoc/>
    public void Resize(IBlockFile file, long length) => _format.Resize(file, length);

    private static IBlockFile Open(IBlockFiles files, BlockSource source, List<BlockSource> chain)
    {
        try
        {
            return files.Open(source with { IsWritable = false });
        }
        catch (IOException failure) when (chain.Count > 1)
        {
            throw new IOException($"The parent of {chain[^2].Path}: {failure.Message}", failure);
        }
    }

    // What is not there is told when it is opened, with whose parent it was to be.
    private static string Real(string path) => Path.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
}
