namespace Hospes.Architecture.Tests;

/// <summary>
/// Arrows point one way: Plugins.* -> Plugins.Sdk &lt;- Core.Hypervisor &lt;- Host. A plugin never refers to Core, the Host or another family; xm
/// refers to none of these, because it speaks xend's API.
/// </summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Plugins.Sdk"] = [],
        ["Formats.Roff"] = [],
        ["Formats.Sxp"] = [],
        ["Core.Hypervisor"] = ["Plugins.Sdk"],
        ["Host"] = ["Core.Hypervisor", "Plugins.Sdk", "Formats.Roff", "Formats.Sxp", "Linux.Networking"],
        ["Tools.Xm"] = ["Formats.Roff", "Formats.Sxp"],
        ["Plugins.Networking"] = ["Plugins.Sdk", "Linux.Networking"],
        ["Linux.Networking"] = ["Plugins.Sdk"],
        ["Plugins.TestKit"] = ["Plugins.Sdk", "Linux.Networking"],
    };

    [Fact]
    public void Every_part_refers_only_to_what_its_layer_may()
    {
        ProjectFile[] product = [.. SourceTree.Projects.Where(static project => project.IsProduct)];
        product.Select(static project => project.Name).Should().Contain(["Plugins.Sdk", "Core.Hypervisor", "Host", "Tools.Xm"]);

        List<string> wrong = [];
        foreach (ProjectFile project in product)
            wrong.AddRange(project.ProjectReferences.Except(MayReferTo(project.Name)).Select(target => $"{project.Name} -> {target}"));
        wrong.Should().BeEmpty("references point one way, see docs/architecture.md");
    }

    [Fact]
    public void Every_part_has_a_place_in_the_layers() =>
        SourceTree.Projects.Where(static project => project.IsProduct && !IsPluginFamily(project.Name)).Select(static project => project.Name)
            .Except(Allowed.Keys).Should().BeEmpty("a new part gets a row in this test, so that its references are decided and not grown");

    [Fact]
    public void No_part_gets_around_this_by_naming_an_assembly_file() =>
        SourceTree.Projects.Where(static project => project.IsProduct)
            .SelectMany(static project => project.AssemblyReferences.Select(reference => $"{project.Name} -> {reference}"))
            .Where(static reference => reference.Contains("Hospes", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void A_sample_plugin_needs_the_sdk_alone() =>
        SourceTree.Projects.Where(static project => project.RelativePath.StartsWith("samples/", StringComparison.Ordinal))
            .SelectMany(static project => project.ProjectReferences.Select(reference => $"{project.Name} -> {reference}"))
            .Where(static reference => !reference.EndsWith("-> Plugins.Sdk", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void The_solution_holds_every_project()
    {
        string solution = File.ReadAllText(Path.Combine(SourceTree.Root, "Hospes.slnx"));
        SourceTree.Projects.Select(static project => project.RelativePath)
            .Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            .Should().BeEmpty("a project outside Hospes.slnx is built and tested by nobody");
    }

    private static bool IsPluginFamily(string name) =>
        name.StartsWith("Plugins.", StringComparison.Ordinal) && name is not ("Plugins.Sdk" or "Plugins.TestKit");

    private static string[] MayReferTo(string name) => Allowed.GetValueOrDefault(name) ?? (IsPluginFamily(name) ? ["Plugins.Sdk"] : []);
}
