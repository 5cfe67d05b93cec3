namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Debian's kernels, where somebody has put them: HOSPES_TEST_KERNELS, else the tree's own cache.</summary>
internal static class RealKernels
{
    private const string Variable = "HOSPES_TEST_KERNELS";

    /// <summary>The newest cloud kernel (<paramref name="isCloud"/>) or generic one. Skips the test when there is none.</summary>
    public static string Find(bool isCloud)
    {
        string directory = Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(TreeRoot(), ".hospes", "cache", "kernels");
        string? kernel = !Directory.Exists(directory)
            ? null
            : Directory.EnumerateFiles(directory, "vmlinuz-*")
                .Where(path => path.Contains("-cloud-", StringComparison.Ordinal) == isCloud)
                .Order(StringComparer.Ordinal)
                .LastOrDefault();
        Skip.If(kernel is null, $"no {(isCloud ? "cloud" : "generic")} kernel (vmlinuz-*) in {directory}; set {Variable} to a directory that has one");
        return kernel!;
    }

    private static string TreeRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Directory.Packages.props")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? AppContext.BaseDirectory;
    }
}
