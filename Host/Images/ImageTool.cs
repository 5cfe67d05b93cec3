using Hospes.Host.Devices.Block;
using Hospes.Host.Plugins;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Images;

/// <summary>Makes, examines, converts and changes disk images, by whatever drivers there are plugins for.</summary>
internal sealed class ImageTool(PluginCatalog catalog, IProgress<double> progress)
{
    private const int CopyBytes = 2 << 20;
    private const int ZeroGrain = 4096;

    private IEnumerable<IBlockDriver> Drivers => catalog.Names<IBlockDriver>().Select(catalog.Get<IBlockDriver>);

    /// <summary>Names of the formats.</summary>
    public IReadOnlyList<string> Formats => [.. Drivers.OfType<IImageFormat>().Select(static format => format.Format).Distinct(StringComparer.Ordinal)];

    /// <summary>Makes an image. What goes wrong leaves no file behind.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Create(string path, string format, ImageOptions options)
    {
        IImageFormat maker = Format(format);
        using BlockFile file = BlockFile.Create(path);
        try
        {
            maker.Create(file, options);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>How large a clone's parent is, and which format it has.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public (long Length, string Format) Parent(string path, string? format)
    {
        string known = format ?? Recognise(path).Format;
        using IBlockImage image = Open(path, known, isWritable: false);
        return (image.Length, known);
    }

    /// <summary>What an image says of itself.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Describe(string path, string? format)
    {
        IImageFormat known = format is null ? Recognise(path) : Format(format);
        using BlockFile file = BlockFile.Open(new BlockSource(path, IsWritable: false));
        return [new("image", path), new("format", known.Format), .. known.Describe(file), new("file length", $"{file.Length}")];
    }

    /// <summary>Looks for damage.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ImageCheck Check(string path, string? format, bool repair)
    {
        IImageFormat known = format is null ? Recognise(path) : Format(format);
        using BlockFile file = BlockFile.Open(new BlockSource(path, IsWritable: repair));
        return known.Check(file, repair);
    }

    /// <summary>Changes an image's size.</summary>
    /// <exception cref="IOException">It cannot be changed.</exception>
    public void Resize(string path, string? format, Func<long, long> length)
    {
        IImageFormat known = format is null ? Recognise(path) : Format(format);
        using IBlockImage image = Open(path, known.Format, isWritable: false);
        long wanted = length(image.Length);
        using BlockFile file = BlockFile.Open(new BlockSource(path, IsWritable: true));
        known.Resize(file, wanted);
    }

    /// <summary>Copies an image's content into a new image of another format. What goes wrong leaves no file behind.</summary>
    /// <exception cref="IOException">One cannot be read, or the other not written.</exception>
    public void Convert(string from, string? fromFormat, string to, string toFormat, int clusterSize)
    {
        using IBlockImage source = Open(from, fromFormat ?? Recognise(from).Format, isWritable: false);
        Create(to, toFormat, new ImageOptions(source.Length) { ClusterSize = clusterSize });
        try
        {
            using IBlockImage target = Open(to, toFormat, isWritable: true);
            Copy(source, target);
            target.Flush();
        }
        catch
        {
            File.Delete(to);
            throw;
        }
    }

    private void Copy(IBlockImage source, IBlockImage target)
    {
        byte[] buffer = new byte[CopyBytes];
        for (long at = 0; at < source.Length; at += CopyBytes)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(CopyBytes, source.Length - at));
            source.Read(at, part);
            WriteUnlessZero(target, at, part);
            progress.Report((double)(at + part.Length) / source.Length);
        }
    }

    // A new image reads as zeroes where nothing was written.
    private static void WriteUnlessZero(IBlockImage target, long at, Span<byte> part)
    {
        for (int start = 0; start < part.Length;)
        {
            while (start < part.Length && IsZero(part, start))
                start += ZeroGrain;
            int end = start;
            while (end < part.Length && !IsZero(part, end))
                end += ZeroGrain;
            if (start < part.Length)
                target.Write(at + start, part[start..Math.Min(end, part.Length)]);
            start = end;
        }
    }

    private static bool IsZero(ReadOnlySpan<byte> part, int at) =>
        !part.Slice(at, Math.Min(ZeroGrain, part.Length - at)).ContainsAnyExcept((byte)0);

    private IBlockImage Open(string path, string format, bool isWritable)
    {
        IBlockDriver driver = (IBlockDriver)Format(format);
        IReadOnlyList<BlockSource> sources = driver.Plan(path, isWritable, new BlockFiles());
        List<IBlockFile> files = [];
        try
        {
            // A tool takes a device where a guest would be told to write phy:.
            foreach (BlockSource source in sources)
                files.Add(BlockFile.Open(source with { Kind = BlockSourceKind.FileOrDevice, IsDirect = false }));
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }

        return driver.Open(files, isWritable);
    }

    private IImageFormat Format(string name) => Drivers.OfType<IImageFormat>().FirstOrDefault(format => format.Format == name)
        ?? throw new IOException($"There is no image format '{name}'; there are: {string.Join(", ", Formats)}.");

    // Raw is what is left: everything looks like it.
    private IImageFormat Recognise(string path)
    {
        using BlockFile file = BlockFile.Open(new BlockSource(path, IsWritable: false));
        return Drivers.OfType<IImageFormat>().OrderBy(static format => format.Format == "raw").First(format => format.Recognises(file));
    }
}
