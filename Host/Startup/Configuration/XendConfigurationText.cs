using Hospes.Sxp;

namespace Hospes.Host.Startup.Configuration;

/// <summary>The file as text: which form is where, and how to change one without touching anything else of it, comments included.</summary>
internal static class XendConfigurationText
{
    /// <summary>The forms, in order.</summary>
    /// <exception cref="SxpSyntaxException">The text is not S-expressions.</exception>
    public static IReadOnlyList<XendConfigurationEntry> Entries(string text)
    {
        IReadOnlyList<SxpNode> forms = SxpParser.ParseAll(text);
        List<(int Start, int End, int Line)> places = Places(text, out _);
        List<XendConfigurationEntry> entries = [];
        foreach (SxpList form in forms.OfType<SxpList>())
        {
            (int start, int end, int line) = places[entries.Count];
            entries.Add(new XendConfigurationEntry(form, line, start, end));
        }

        return entries;
    }

    /// <summary>The text with a parameter set: in its place if it has one, else after the comment that shows it, else at the end.</summary>
    /// <exception cref="SxpSyntaxException">The text is not S-expressions.</exception>
    public static string Set(string text, string name, SxpNode value)
    {
        string form = new SxpList(name, value).ToString();
        if (Entries(text).FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.Ordinal)) is { } there)
            return text[..there.Start] + form + text[there.End..];
        Places(text, out int length);
        int comment = text.IndexOf($"\n#({name} ", StringComparison.Ordinal);
        int end = comment < 0 ? -1 : text.IndexOf('\n', comment + 1);
        int at = end < 0 || end >= length ? length : end + 1;
        return $"{text[..at]}{(at == 0 || text[at - 1] == '\n' ? "" : "\n")}{form}\n{text[at..]}";
    }

    // The text parses, so brackets and quotes match: what is left is to tell those of the outermost lists from those in quotes and comments.
    private static List<(int Start, int End, int Line)> Places(string text, out int length)
    {
        List<(int, int, int)> places = [];
        int depth = 0, line = 1, start = 0, startLine = 0, at = 0;
        for (; at < text.Length && text[at] != SxpEnd; at++)
        {
            char c = text[at];
            switch (c)
            {
                case '\n':
                    line++;
                    break;
                case '#':
                    at = (text.IndexOf('\n', at) is >= 0 and int end ? end : text.Length) - 1;
                    break;
                case '\'' or '"':
                    for (at++; text[at] != c; at++)
                    {
                        line += text[at] == '\n' ? 1 : 0;
                        at += text[at] == '\\' ? 1 : 0;
                    }

                    break;
                case '(' when depth++ == 0:
                    (start, startLine) = (at, line);
                    break;
                case ')' when --depth == 0:
                    places.Add((start, at + 1, startLine));
                    break;
            }
        }

        length = Math.Min(at, text.Length);
        return places;
    }

    private const char SxpEnd = '\x04';
}
