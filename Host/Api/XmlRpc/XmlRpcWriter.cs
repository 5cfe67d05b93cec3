using System.Globalization;
using System.Text;
using System.Xml;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>Writes answers. Texts go out as Python writes them in its source, which is how clients of xend's decode them (fact sheet "xend", section 3).</summary>
internal static class XmlRpcWriter
{
    private static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = false };

    /// <summary>A method's result.</summary>
    public static byte[] Result(object? value) => Document(xml =>
    {
        xml.WriteStartElement("params");
        xml.WriteStartElement("param");
        Write(xml, value);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>A method's failure.</summary>
    public static byte[] Fault(XendError code, string message) => Document(xml =>
    {
        xml.WriteStartElement("fault");
        Write(xml, new Dictionary<string, object?>(StringComparer.Ordinal) { ["faultCode"] = (long)code, ["faultString"] = new PlainText(message) });
        xml.WriteEndElement();
    });

    private static byte[] Document(Action<XmlWriter> content)
    {
        using MemoryStream stream = new();
        using (XmlWriter xml = XmlWriter.Create(stream, Settings))
        {
            xml.WriteStartElement("methodResponse");
            content(xml);
            xml.WriteEndElement();
        }

        return stream.ToArray();
    }

    private static void Write(XmlWriter xml, object? value)
    {
        xml.WriteStartElement("value");
        switch (value)
        {
            case null:
                xml.WriteElementString("nil", "");
                break;
            case bool flag:
                xml.WriteElementString("boolean", flag ? "1" : "0");
                break;
            case int or long when Convert.ToInt64(value, CultureInfo.InvariantCulture) is >= int.MinValue and <= int.MaxValue and var number:
                xml.WriteElementString("int", number.ToString(CultureInfo.InvariantCulture));
                break;
            case long large:
                xml.WriteElementString("string", large.ToString(CultureInfo.InvariantCulture)); // the protocol's numbers have 32 bits
                break;
            case double real:
                xml.WriteElementString("double", real.ToString("R", CultureInfo.InvariantCulture));
                break;
            case PlainText plain:
                xml.WriteElementString("string", Printable(plain.Text));
                break;
            case string text:
                xml.WriteElementString("string", PythonEscape(text));
                break;
            case IEnumerable<KeyValuePair<string, object?>> members:
                xml.WriteStartElement("struct");
                foreach ((string name, object? member) in members)
                {
                    xml.WriteStartElement("member");
                    xml.WriteElementString("name", name);
                    Write(xml, member);
                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
                break;
            case System.Collections.IEnumerable items:
                xml.WriteStartElement("array");
                xml.WriteStartElement("data");
                foreach (object? item in items)
                    Write(xml, item);
                xml.WriteEndElement();
                xml.WriteEndElement();
                break;
            default:
                throw new InvalidOperationException($"a {value.GetType().Name} has no form in XML-RPC");
        }

        xml.WriteEndElement();
    }

    /// <summary>As Python's string_escape: quotes, backslashes and what cannot be printed; beyond ASCII the bytes of UTF-8.</summary>
    internal static string PythonEscape(string text)
    {
        StringBuilder escaped = new();
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            escaped.Append(value switch
            {
                (byte)'\\' => "\\\\",
                (byte)'\'' => "\\'",
                (byte)'\n' => "\\n",
                (byte)'\r' => "\\r",
                (byte)'\t' => "\\t",
                < 0x20 or >= 0x7f => $"\\x{value:x2}",
                _ => ((char)value).ToString(),
            });
        }

        return escaped.ToString();
    }

    // XML has no way to write most control characters.
    private static string Printable(string text) => string.Concat(text.Select(static c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '?'));
}
