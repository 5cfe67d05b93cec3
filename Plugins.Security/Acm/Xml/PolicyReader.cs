using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Xml;

/// <summary>
/// Reads policies in XML (fact sheet "ACM", section 2). A document type is not read at all, so that no entity is expanded or fetched; no other file is
/// opened on behalf of one; its length is limited before it is parsed.
/// </summary>
internal static class PolicyReader
{
    private const int MostErrors = 20;
    private static readonly XNamespace Ns = PolicySchema.Namespace;

    /// <summary>The policy in a text.</summary>
    /// <exception cref="SecurityPolicyException">It is none; the message says what is wrong in which line.</exception>
    public static AcmPolicy Read(string text)
    {
        if (text.Length > PolicyLimits.SourceBytes)
            throw new SecurityPolicyException($"XML is too long: {text.Length} characters; a policy may have {PolicyLimits.SourceBytes}.");
        return PolicyBuilder.Build(Draft(Parse(text)));
    }

    private static XElement Parse(string text)
    {
        List<string> errors = [];
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = PolicyLimits.SourceBytes,
            ValidationType = ValidationType.Schema,
            ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings,
            Schemas = PolicySchema.Load(),
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        settings.ValidationEventHandler += (_, found) =>
        {
            if (errors.Count < MostErrors)
                errors.Add($"line {found.Exception.LineNumber}: {found.Message}");
        };
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text), settings);
            XElement root = XDocument.Load(reader).Root!;
            if (root.Name != Ns + "SecurityPolicyDefinition")
                throw new SecurityPolicyException($"XML is no security policy: its root is {root.Name}, not SecurityPolicyDefinition of the namespace {PolicySchema.Namespace}") { Kind = AcmRefusal.Processing };
            return errors.Count == 0 ? root : throw new SecurityPolicyException($"XML does not validate against schema {PolicySchema.FileName}:\n{string.Join('\n', errors)}") { Kind = AcmRefusal.Processing };
        }
        catch (XmlException malformed)
        {
            throw new SecurityPolicyException($"XML is malformed: {malformed.Message}", malformed);
        }
    }

    private static PolicyDraft Draft(XElement root)
    {
        PolicyDraft draft = new() { Header = Header(root.Element(Ns + "PolicyHeader")!) };
        if (root.Element(Ns + "SimpleTypeEnforcement") is { } sharing)
        {
            draft.Types = Types(sharing.Element(Ns + "SimpleTypeEnforcementTypes"));
            NotePrimary(draft, sharing, PolicyComponent.SimpleTypeEnforcement);
        }

        if (root.Element(Ns + "ChineseWall") is { } wall)
        {
            draft.WallTypes = Types(wall.Element(Ns + "ChineseWallTypes"));
            NotePrimary(draft, wall, PolicyComponent.ChineseWall);
            foreach (XElement conflict in wall.Elements(Ns + "ConflictSets").Elements(Ns + "Conflict"))
                draft.Conflicts.Add((((string?)conflict.Attribute("name") ?? "").Trim(), Types(conflict)));
        }

        XElement template = root.Element(Ns + "SecurityLabelTemplate")!;
        if (template.Element(Ns + "SubjectLabels") is { } subjects)
        {
            draft.Bootstrap = ((string?)subjects.Attribute("bootstrap") ?? "").Trim();
            draft.Subjects.AddRange(subjects.Elements(Ns + "VirtualMachineLabel").Select(Label));
        }

        draft.Resources.AddRange(template.Elements(Ns + "ObjectLabels").Elements(Ns + "ResourceLabel").Select(Label));
        return draft;
    }

    private static void NotePrimary(PolicyDraft draft, XElement component, PolicyComponent which)
    {
        // The schema says priority, Xen's older compiler looked for order.
        if (component.Attribute("priority") is not null || component.Attribute("order") is not null)
            draft.Primaries.Add(which);
    }

    private static LabelDraft Label(XElement label)
    {
        XElement name = label.Element(Ns + "Name")!;
        return new LabelDraft(
            name.Value.Trim(),
            (string?)name.Attribute("from"),
            Types(label.Element(Ns + "SimpleTypeEnforcementTypes")),
            Types(label.Element(Ns + "ChineseWallTypes")));
    }

    private static List<string> Types(XElement? parent) => [.. (parent?.Elements(Ns + "Type") ?? []).Select(static type => type.Value.Trim())];

    private static PolicyHeader Header(XElement header) => new(Text(header, "PolicyName") ?? "", Version(header))
    {
        Url = Text(header, "PolicyUrl"),
        Reference = Text(header, "Reference"),
        Date = Text(header, "Date"),
        NameSpaceUrl = Text(header, "NameSpaceUrl"),
        From = header.Element(Ns + "FromPolicy") is { } from ? (Text(from, "PolicyName") ?? "", Version(from)) : null,
    };

    private static PolicyVersion Version(XElement parent) => PolicyVersion.TryParse(Text(parent, "Version") ?? "") ?? default;

    private static string? Text(XElement parent, string name) => parent.Element(Ns + name)?.Value.Trim();
}
