using System.Text;
using System.Xml;
using System.Xml.Linq;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Xml;

/// <summary>Writes policies in XML, in the layout of the manual's figures, indented by three blanks.</summary>
internal static class PolicyWriter
{
    private static readonly XNamespace Ns = PolicySchema.Namespace;
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>The text.</summary>
    /// <param name="policy">What to write.</param>
    /// <param name="remark">A comment before the policy, or null.</param>
    public static string Write(AcmPolicy policy, string? remark = null)
    {
        XDocument document = new(new XDeclaration("1.0", "UTF-8", null));
        if (remark is not null)
            document.Add(new XComment($" {remark} "));
        document.Add(Definition(policy));
        StringBuilder text = new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, IndentChars = "   ", NewLineChars = "\n", OmitXmlDeclaration = true }))
            document.WriteTo(writer);
        return text.Append('\n').ToString();
    }

    private static XElement Definition(AcmPolicy policy)
    {
        // The schema's place relative to the policy's own: a step up for each part of the name but the last.
        string up = string.Concat(Enumerable.Repeat("../", policy.Name.Count(static letter => letter == '.')));
        return new XElement(
            Ns + "SecurityPolicyDefinition",
            new XAttribute(XNamespace.Xmlns + "xsi", Instance.NamespaceName),
            new XAttribute(Instance + "schemaLocation", $"{PolicySchema.Namespace} {up}{PolicySchema.FileName} "),
            Header(policy.Header),
            policy.Types is { } types ? Component("SimpleTypeEnforcement", policy.Primary == PolicyComponent.SimpleTypeEnforcement && policy.WallTypes is not null, Types("SimpleTypeEnforcementTypes", types)) : null,
            policy.WallTypes is { } walls ? Component("ChineseWall", policy.Primary == PolicyComponent.ChineseWall, Types("ChineseWallTypes", walls), Conflicts(policy)) : null,
            new XElement(
                Ns + "SecurityLabelTemplate",
                new XElement(
                    Ns + "SubjectLabels",
                    new XAttribute("bootstrap", policy.Bootstrap.Name),
                    policy.Subjects.Select(label => Label(policy, "VirtualMachineLabel", label))),
                policy.Resources.Count == 0 ? null : new XElement(Ns + "ObjectLabels", policy.Resources.Select(label => Label(policy, "ResourceLabel", label)))));
    }

    private static XElement Header(PolicyHeader header) => new(
        Ns + "PolicyHeader",
        new XElement(Ns + "PolicyName", header.Name),
        Optional("PolicyUrl", header.Url),
        Optional("Reference", header.Reference),
        Optional("Date", header.Date),
        Optional("NameSpaceUrl", header.NameSpaceUrl),
        new XElement(Ns + "Version", header.Version),
        header.From is { } from
            ? new XElement(Ns + "FromPolicy", new XElement(Ns + "PolicyName", from.Name), new XElement(Ns + "Version", from.Version))
            : null);

    private static XElement? Optional(string name, string? value) => value is null ? null : new XElement(Ns + name, value);

    private static XElement Component(string name, bool isPrimary, params object?[] content) =>
        new(Ns + name, isPrimary ? new XAttribute("priority", "PrimaryPolicyComponent") : null, content);

    private static XElement Types(string name, IEnumerable<string> types) => new(Ns + name, types.Select(static type => new XElement(Ns + "Type", type)));

    private static XElement? Conflicts(AcmPolicy policy) => policy.Conflicts.Count == 0 ? null : new XElement(
        Ns + "ConflictSets",
        policy.Conflicts.Select(set => new XElement(
            Ns + "Conflict", new XAttribute("name", set.Name), set.Types.Members.Select(type => new XElement(Ns + "Type", policy.WallTypes![type])))));

    private static XElement Label(AcmPolicy policy, string kind, AcmLabel label) => new(
        Ns + kind,
        new XElement(Ns + "Name", label.From is { } from ? new XAttribute("from", from) : null, label.Name),
        label.Types.Count == 0 ? null : Types("SimpleTypeEnforcementTypes", label.Types.Members.Select(type => policy.Types![type])),
        label.WallTypes.Count == 0 ? null : Types("ChineseWallTypes", label.WallTypes.Members.Select(type => policy.WallTypes![type])));
}
