using Hospes.Host.Images;
using Hospes.Host.Plugins;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Verbs;

/// <summary><c>image</c>: disk images. Status 2 of <c>check</c>: it is damaged.</summary>
internal static class ImageVerb
{
    private const string Usage = "image takes create [--format F] [--parent FILE [--parent-format F]] [--cluster BYTES] [--preallocate] FILE [SIZE],"
        + " info FILE, convert --to F [--format F] [--cluster BYTES] FILE NEW, check [--repair] FILE or resize FILE [+]SIZE";

    public static int Run(string[] words)
    {
        VerbArguments arguments = new(
            words, ["--plugins", "--format", "--to", "--parent", "--parent-format", "--cluster"], ["--repair", "--preallocate"]);
        using PluginCatalog catalog = PluginCatalog.Load(arguments.PluginsFile(), new PluginCatalogOptions { Contracts = [typeof(IBlockDriver)] });
        catalog.ThrowIfUnusable();
        using ProgressBar progress = new();
        ImageTool tool = new(catalog, progress);
        try
        {
            return arguments.Plain switch
            {
                ["create", string file, ..] and ({ Count: 2 } or { Count: 3 }) => Create(tool, arguments, Path.GetFullPath(file)),
                ["info", string file] => Info(tool, arguments, Path.GetFullPath(file)),
                ["convert", string from, string to] => Convert(tool, arguments, Path.GetFullPath(from), Path.GetFullPath(to)),
                ["check", string file] => Check(tool, arguments, Path.GetFullPath(file)),
                ["resize", string file, string size] => Resize(tool, arguments, Path.GetFullPath(file), size),
                _ => throw new UsageException(Usage),
            };
        }
        catch (FormatException wrong)
        {
            throw new IOException(wrong.Message, wrong);
        }
    }

    private static int Create(ImageTool tool, VerbArguments arguments, string file)
    {
        string? parent = arguments.Value("--parent");
        string format = arguments.Value("--format") ?? (parent is null ? "raw" : "qcow2");
        long? size = arguments.Plain.Count > 2 ? ImageSize.Parse(arguments.Plain[2]) : null;
        string? parentFormat = arguments.Value("--parent-format");
        if (parent is not null)
        {
            (long length, parentFormat) = tool.Parent(Path.GetFullPath(parent, Path.GetDirectoryName(file)!), parentFormat);
            size ??= length;
        }

        tool.Create(file, format, new ImageOptions(size ?? throw new UsageException("image create needs a SIZE, such as 10G"))
        {
            Backing = parent,
            BackingFormat = parentFormat,
            ClusterSize = Cluster(arguments),
            IsPreallocated = arguments.Has("--preallocate"),
        });
        return 0;
    }

    private static int Info(ImageTool tool, VerbArguments arguments, string file)
    {
        foreach ((string name, string value) in tool.Describe(file, arguments.Value("--format")))
            Console.WriteLine($"{name,-16}{value}");
        return 0;
    }

    private static int Convert(ImageTool tool, VerbArguments arguments, string from, string to)
    {
        tool.Convert(
            from, arguments.Value("--format"), to, arguments.Value("--to") ?? throw new UsageException("image convert needs --to FORMAT"), Cluster(arguments));
        return 0;
    }

    private static int Check(ImageTool tool, VerbArguments arguments, string file)
    {
        ImageCheck check = tool.Check(file, arguments.Value("--format"), arguments.Has("--repair"));
        foreach (string error in check.Errors)
            Console.Error.WriteLine($"Error: {error}");
        if (check.Repaired > 0)
            Console.WriteLine($"{check.Repaired} mended.");
        if (check.Leaks > 0)
            Console.WriteLine($"{check.Leaks} clusters count as used and are not; --repair frees them. No data are affected.");
        if (check.Errors.Count == 0)
            Console.WriteLine("No errors were found.");
        return check.Errors.Count == 0 ? 0 : 2;
    }

    private static int Resize(ImageTool tool, VerbArguments arguments, string file, string size)
    {
        bool adds = size.StartsWith('+');
        long amount = ImageSize.Parse(adds ? size[1..] : size);
        tool.Resize(file, arguments.Value("--format"), length => adds ? checked(length + amount) : amount);
        return 0;
    }

    private static int Cluster(VerbArguments arguments) =>
        arguments.Value("--cluster") is { } text ? (int)Math.Min(ImageSize.Parse(text), int.MaxValue) : 0;
}
