using System.Globalization;
using System.Xml;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>
/// Reads calls: <c>&lt;methodCall&gt;&lt;methodName&gt;xend.domain&lt;/methodName&gt;&lt;params&gt;&lt;param&gt;&lt;value&gt;...</c>. No document types, so no entities
/// that grow; no deeper than any call of xend's.
/// </summary>
internal sealed class XmlRpcReader
{
    private const int MaximumDepth = 64;

    private readonly XmlReader _xml;

    private XmlRpcReader(XmlReader xml) => _xml = xml;

    /// <summary>The call in a text.</summary>
    /// <exception cref="XendException">It is none; the message says where it stops being one.</exception>
    public static XmlRpcCall Read(string text)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using XmlReader xml = XmlReader.Create(new StringReader(text), settings);
            return new XmlRpcReader(xml).Call();
        }
        catch (Exception wrong) when (wrong is XmlException or FormatException or OverflowException or InvalidOperationException)
        {
            throw XendException.Generic($"This is no XML-RPC call: {wrong.Message}", wrong);
        }
    }

    private XmlRpcCall Call()
    {
        List<object?> arguments = [];
        _xml.MoveToContent();
        _xml.ReadStartElement("methodCall");
        string method = Text("methodName");
        if (Starts("params") && !_xml.IsEmptyElement)
        {
            _xml.ReadStartElement();
            while (Starts("param"))
            {
                _xml.ReadStartElement();
                arguments.Add(Value(0));
                End();
            }

            End();
        }

        return new XmlRpcCall(method, arguments);
    }

    private object? Value(int depth)
    {
        if (depth > MaximumDepth)
            throw new FormatException($"values nest deeper than {MaximumDepth} levels");
        if (!Starts("value"))
            throw new FormatException($"a <value> is needed, not <{_xml.Name}>");
        if (_xml.IsEmptyElement)
        {
            _xml.Read();
            return "";
        }

        _xml.ReadStartElement();
        string text = "";
        while (_xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
        {
            text += _xml.Value;
            _xml.Read();
        }

        // Without a type it is text.
        object? value = _xml.NodeType == XmlNodeType.Element ? Typed(depth) : text;
        End();
        return value;
    }

    private object? Typed(int depth)
    {
        string type = _xml.Name;
        switch (type)
        {
            case "array":
                return Array(depth);
            case "struct":
                return Struct(depth);
            case "nil":
                _xml.Skip();
                return null;
        }

        string text = _xml.ReadElementContentAsString();
        return type switch
        {
            "string" or "dateTime.iso8601" or "base64" => text,
            "int" or "i4" or "i8" => long.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture),
            "double" => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
            "boolean" => text.Trim() switch
            {
                "1" => true,
                "0" => false,
                _ => throw new FormatException($"'{text}' is no boolean"),
            },
            _ => throw new FormatException($"there is no type '{type}'"),
        };
    }

    private List<object?> Array(int depth)
    {
        List<object?> items = [];
        _xml.ReadStartElement();
        if (!Starts("data"))
            throw new FormatException("an <array> needs its <data>");
        if (_xml.IsEmptyElement)
        {
            _xml.Read();
        }
        else
        {
            _xml.ReadStartElement();
            while (Starts("value"))
                items.Add(Value(depth + 1));
            End();
        }

        End();
        return items;
    }

    private Dictionary<string, object?> Struct(int depth)
    {
        Dictionary<string, object?> members = new(StringComparer.Ordinal);
        if (_xml.IsEmptyElement)
        {
            _xml.Read();
            return members;
        }

        _xml.ReadStartElement();
        while (Starts("member"))
        {
            _xml.ReadStartElement();
            string name = Text("name");
            members[name] = Value(depth + 1);
            End();
        }

        End();
        return members;
    }

    private string Text(string element) => Starts(element) ? _xml.ReadElementContentAsString().Trim() : throw new FormatException($"<{element}> is needed, not <{_xml.Name}>");

    private bool Starts(string element) => _xml.MoveToContent() == XmlNodeType.Element && _xml.Name == element;

    private void End()
    {
        _xml.MoveToContent();
        _xml.ReadEndElement();
    }
}
