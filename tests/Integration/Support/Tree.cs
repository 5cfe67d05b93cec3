namespace Hospes.Integration.Support;

/// <summary>The tree under test: the programs that './hospes build' made and the guests that './hospes kernel' fetched.</summary>
internal static class Tree
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("HOSPES_TREE") is { Length: > 0 } tree ? tree : FindRoot();

    public static string Script => Path.Combine(Root, "hospes");

    public static string Host => Made(Path.Combine(Root, "out/Host/Hospes.Host"), "./hospes build");

    public static string Xm => Made(Path.Combine(Root, "out/Tools.Xm/Hospes.Tools.Xm"), "./hospes build");

    public static string CloudKernel => Made(Path.Combine(Cache, "kernels/cloud"), "./hospes kernel cloud");

    public static string GenericKernel => Made(Path.Combine(Cache, "kernels/generic"), "./hospes kernel generic");

    public static string Initrd => Made(Path.Combine(Cache, "initrd.img"), "./hospes kernel");

    private static string Cache => Environment.GetEnvironmentVariable("HOSPES_CACHE") is { Length: > 0 } cache ? cache : Path.Combine(Root, ".hospes/cache");

    private static string Made(string path, string command) =>
        File.Exists(path) ? path : throw new InvalidOperationException($"{path} does not exist: '{command}' makes it, './hospes test' calls that first.");

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Hospes.slnx")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException($"No Hospes.slnx stands above {AppContext.BaseDirectory}.");
    }
}
