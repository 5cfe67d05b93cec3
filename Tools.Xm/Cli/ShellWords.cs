using System.Text;

namespace Hospes.Xm.Cli;

/// <summary>Takes a line apart into words as a shell does: spaces part them, quotes and backslashes hold them together.</summary>
internal static class ShellWords
{
    /// <exception cref="FormatException">A quote is never closed.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isWord = false;
        char quote = '\0';
        for (int at = 0; at < line.Length; at++)
        {
            char c = line[at];
            if (c == '\\' && quote != '\'' && at + 1 < line.Length)
            {
                word.Append(line[++at]);
                isWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, isWord) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        if (quote != '\0')
            throw new FormatException($"No closing quotation: {quote}");
        if (isWord)
            words.Add(word.ToString());
        return words;
    }
}
