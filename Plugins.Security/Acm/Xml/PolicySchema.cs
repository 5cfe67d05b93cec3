using System.Xml;
using System.Xml.Schema;

namespace Hospes.Security.Acm.Xml;

/// <summary>The schema of policies, which is in this assembly; the one that a policy points to is not looked at.</summary>
internal static class PolicySchema
{
    /// <summary>The namespace of a policy's elements.</summary>
    public const string Namespace = "http://www.ibm.com";

    /// <summary>What the schema's file is called.</summary>
    public const string FileName = "security_policy.xsd";

    /// <summary>The schema's text.</summary>
    public static string Text()
    {
        using Stream stream = typeof(PolicySchema).Assembly.GetManifestResourceStream(FileName)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The schema, compiled.</summary>
    public static XmlSchemaSet Load()
    {
        XmlSchemaSet set = new() { XmlResolver = null };
        using XmlReader reader = XmlReader.Create(new StringReader(Text()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        set.Add(Namespace, reader);
        set.Compile();
        return set;
    }
}
