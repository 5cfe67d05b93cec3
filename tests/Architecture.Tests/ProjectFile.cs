using System.Xml.Linq;

namespace Hospes.Architecture.Tests;

/// <summary>One project and what it refers to.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    public ProjectFile(string path)
    {
        FullPath = path;
        _document = XDocument.Load(path);
    }

    public string FullPath { get; }

    public string Name => Path.GetFileNameWithoutExtension(FullPath);

    public string Directory => Path.GetDirectoryName(FullPath)!;

    /// <summary>Its path from the root of the tree, as the solution writes it.</summary>
    public string RelativePath => Path.GetRelativePath(SourceTree.Root, FullPath);

    /// <summary>Whether it is part of the product: not a test, a sample or a benchmark.</summary>
    public bool IsProduct => RelativePath.Split('/')[0] is not ("tests" or "samples" or "bench");

    /// <summary>Names of the projects it refers to.</summary>
    public IEnumerable<string> ProjectReferences =>
        Values("ProjectReference").Select(static include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')));

    /// <summary>Assemblies referred to by file or name, which is how a reference could get around the one above.</summary>
    public IEnumerable<string> AssemblyReferences => Values("Reference");

    public override string ToString() => RelativePath;

    private IEnumerable<string> Values(string item) =>
        _document.Descendants(item).Select(static element => (string?)element.Attribute("Include")).OfType<string>();
}
