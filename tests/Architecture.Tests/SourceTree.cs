namespace Hospes.Architecture.Tests;

/// <summary>The tree these tests were built from, read as files: rules about projects are about what is written, not about what happens to be loaded.</summary>
internal static class SourceTree
{
    private static readonly string[] NotSources = [".git", ".hospes", "bin", "obj", "out", "TestResults", "artifacts"];

    /// <summary>The directory that holds Hospes.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every project of the tree.</summary>
    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. Files(Root, "*.csproj").Order(StringComparer.Ordinal).Select(static path => new ProjectFile(path))];

    /// <summary>Files below a directory, without what builds leave behind.</summary>
    public static IEnumerable<string> Files(string directory, string pattern)
    {
        foreach (string file in Directory.EnumerateFiles(directory, pattern))
            yield return file;
        foreach (string child in Directory.EnumerateDirectories(directory))
        {
            if (NotSources.Contains(Path.GetFileName(child), StringComparer.Ordinal))
                continue;
            foreach (string file in Files(child, pattern))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Hospes.slnx")))
                return directory;
        }

        throw new InvalidOperationException($"No Hospes.slnx stands above {AppContext.BaseDirectory}: these tests read the tree they were built in.");
    }
}
