using System.Text;

namespace Hospes.Sxp;

/// <summary>Writes S-expressions on one line, or broken over lines the way xend does (fact sheet "Domain configuration", section 7).</summary>
public static class SxpPrinter
{
    /// <summary>Width of what <c>xm</c> shows.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Width of the files that xend stores.</summary>
    public const int StoreWidth = 78;

    private const int Indent = 4;

    /// <summary>The whole value on one line.</summary>
    public static string OneLine(SxpNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        StringBuilder result = new();
        AppendOneLine(result, node);
        return result.ToString();
    }

    /// <summary>The value, its longer lists broken: the head on the first line, each other element on a line of its own, the bracket under the list.</summary>
    /// <returns>Lines that end in a newline each.</returns>
    public static string Pretty(SxpNode node, int width = DefaultWidth)
    {
        ArgumentNullException.ThrowIfNull(node);
        StringBuilder result = new();
        AppendPretty(result, node, column: 0, width);
        return result.Append('\n').ToString();
    }

    private static void AppendOneLine(StringBuilder result, SxpNode node)
    {
        if (node is not SxpList list)
        {
            AppendAtom(result, node.Text);
            return;
        }

        result.Append('(');
        for (int index = 0; index < list.Count; index++)
        {
            if (index > 0)
                result.Append(' ');
            AppendOneLine(result, list[index]);
        }

        result.Append(')');
    }

    private static void AppendPretty(StringBuilder result, SxpNode node, int column, int width)
    {
        string oneLine = OneLine(node);
        if (node is not SxpList { Count: > 0 } list || column + oneLine.Length <= width)
        {
            result.Append(oneLine);
            return;
        }

        result.Append('(');
        AppendPretty(result, list[0], column + 1, width);
        foreach (SxpNode element in list.Skip(1))
        {
            result.Append('\n').Append(' ', column + Indent);
            AppendPretty(result, element, column + Indent, width);
        }

        result.Append('\n').Append(' ', column).Append(')');
    }

    private static void AppendAtom(StringBuilder result, string text)
    {
        if (SxpCharacters.IsBareWord(text))
        {
            result.Append(text);
            return;
        }

        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        result.Append(quote);
        foreach (char c in text)
            SxpEscapes.Append(result, c, quote);
        result.Append(quote);
    }
}
