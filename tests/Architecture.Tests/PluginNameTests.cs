using System.Text.RegularExpressions;

namespace Hospes.Architecture.Tests;

/// <summary>No plugin's name stands in Core.Hypervisor: what a person may choose in plugins.json, Core must not know by name.</summary>
public sealed partial class PluginNameTests
{
    [Fact]
    public void Plugins_export_under_names() =>
        Exports().Select(static export => export.Name).Should().NotBeEmpty("the rule below would otherwise hold for nothing")
            .And.OnlyHaveUniqueItems(because: "a name chooses one plugin");

    [Fact]
    public void No_name_of_an_export_is_a_literal_in_Core()
    {
        string[] names = [.. Exports().Select(static export => export.Name)];
        Findings("\"([^\"\\n]*)\"", names).Should().BeEmpty();
    }

    [Fact]
    public void No_class_of_a_plugin_is_named_in_Core()
    {
        string[] classes = [.. Exports().Select(static export => export.Class)];
        Findings(@"\b(\w+)\b", classes).Should().BeEmpty();
    }

    [GeneratedRegex("""^\[(?<contract>\w+)\("(?<name>[^"]+)"\)\][^;{]*?\bclass\s+(?<class>\w+)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExportPattern();

    /// <summary>Classes of plugin families that carry an attribute with a name, such as <c>[Scheduler("credit")]</c>.</summary>
    private static IEnumerable<(string Name, string Class)> Exports() =>
        from project in SourceTree.Projects
        where project.IsProduct && project.Name.StartsWith("Plugins.", StringComparison.Ordinal) && project.Name is not ("Plugins.Sdk" or "Plugins.TestKit")
        from file in SourceTree.Files(project.Directory, "*.cs")
        from Match match in ExportPattern().Matches(File.ReadAllText(file))
        where Contracts.Contains(match.Groups["contract"].Value)
        select (match.Groups["name"].Value, match.Groups["class"].Value);

    /// <summary>The Sdk's export attributes, without the ending "Attribute".</summary>
    private static HashSet<string> Contracts { get; } =
        [.. SourceTree.Files(Path.Combine(SourceTree.Root, "Plugins.Sdk"), "*Attribute.cs")
            .Where(static file => File.ReadAllText(file).Contains(": PluginExportAttribute(", StringComparison.Ordinal))
            .Select(static file => Path.GetFileName(file)[..^"Attribute.cs".Length])];

    private static IEnumerable<string> Findings(string wordPattern, string[] forbidden) =>
        from file in SourceTree.Files(Path.Combine(SourceTree.Root, "Core.Hypervisor"), "*.cs")
        from line in File.ReadLines(file).Select(static (text, index) => (text, number: index + 1))
        from Match match in Regex.Matches(line.text, wordPattern, RegexOptions.None, TimeSpan.FromSeconds(10))
        where forbidden.Contains(match.Groups[1].Value, StringComparer.Ordinal)
        select $"{Path.GetRelativePath(SourceTree.Root, file)}:{line.number}: {match.Groups[1].Value}";
}
