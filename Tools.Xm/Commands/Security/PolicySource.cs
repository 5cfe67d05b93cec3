using System.Text;
using System.Xml;
using System.Xml.Linq;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary>A policy's XML, of which one label is refined. What the label may be is xend's to judge, when it is saved.</summary>
internal sealed class PolicySource
{
    private static readonly XNamespace Ns = "http://www.ibm.com";

    private readonly XDocument _document;
    private readonly XElement _template;
    private readonly string _group;
    private readonly string _element;

    /// <summary>Reads a source.</summary>
    /// <param name="source">UTF-8.</param>
    /// <param name="isResource">Labels of resources are meant, not those of domains.</param>
    /// <exception cref="CommandFailedException">It is no policy.</exception>
    public PolicySource(byte[] source, bool isResource)
    {
        (_group, _element) = isResource ? ("ObjectLabels", "ResourceLabel") : ("SubjectLabels", "VirtualMachineLabel");
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(source), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true });
            _document = XDocument.Load(reader);
        }
        catch (XmlException malformed)
        {
            throw new CommandFailedException($"The policy's XML is malformed: {malformed.Message}", malformed);
        }

        _template = _document.Root?.Element(Ns + "SecurityLabelTemplate") ?? throw new CommandFailedException("The policy's XML has no SecurityLabelTemplate.");
    }

    /// <summary>A label's types of a component; null: there is no such label.</summary>
    public string[]? Types(string label, PolicyTypes component) => Find(label) is { } found ? [.. Elements(found, component).Select(static type => type.Value.Trim())] : null;

    /// <summary>Adds a label without types.</summary>
    /// <exception cref="CommandFailedException">There is one.</exception>
    public void Add(string label)
    {
        if (Find(label) is not null)
            throw new CommandFailedException($"Label '{label}' is in this policy already.");
        XElement? group = _template.Element(Ns + _group);
        if (group is null)
            _template.Add(group = new XElement(Ns + _group));
        group.Add(new XElement(Ns + _element, new XElement(Ns + "Name", label)));
    }

    /// <summary>Takes a label out.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public void Remove(string label)
    {
        XElement found = Require(label);
        XElement group = found.Parent!;
        found.Remove();
        if (!group.HasElements)
            group.Remove();
    }

    /// <summary>Gives a label types of a component, and takes some away.</summary>
    /// <exception cref="CommandFailedException">There is no such label, it has what is to be added, or has not what is to be taken away.</exception>
    public void Change(string label, PolicyTypes component, IReadOnlyList<string> added, IReadOnlyList<string> removed)
    {
        XElement found = Require(label);
        string name = component == PolicyTypes.Sharing ? "SimpleTypeEnforcementTypes" : "ChineseWallTypes";
        List<string> types = [.. Elements(found, component).Select(static type => type.Value.Trim())];
        foreach (string type in removed)
        {
            if (!types.Remove(type))
                throw new CommandFailedException($"Label '{label}' does not have the type '{type}'.");
        }

        foreach (string type in added)
        {
            if (types.Contains(type, StringComparer.Ordinal))
                throw new CommandFailedException($"Label '{label}' has the type '{type}' already.");
            types.Add(type);
        }

        found.Element(Ns + name)?.Remove();
        if (types.Count == 0)
            return;
        XElement made = new(Ns + name, types.Select(static type => new XElement(Ns + "Type", type)));

        // The schema's order: name, Simple Type Enforcement, Chinese Wall.
        if (component == PolicyTypes.Sharing)
            found.Element(Ns + "Name")!.AddAfterSelf(made);
        else
            found.Add(made);
    }

    /// <summary>The text.</summary>
    public string Write()
    {
        StringBuilder text = new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, IndentChars = "   ", NewLineChars = "\n", OmitXmlDeclaration = true }))
            _document.WriteTo(writer);
        return text.Append('\n').ToString();
    }

    private static IEnumerable<XElement> Elements(XElement label, PolicyTypes component) =>
        label.Elements(Ns + (component == PolicyTypes.Sharing ? "SimpleTypeEnforcementTypes" : "ChineseWallTypes")).Elements(Ns + "Type");

    private XElement Require(string label) => Find(label) ?? throw new CommandFailedException($"Label '{label}' not found.");

    private XElement? Find(string label) =>
        _template.Elements(Ns + _group).Elements(Ns + _element).FirstOrDefault(element => element.Element(Ns + "Name")?.Value.Trim() == label);
}
