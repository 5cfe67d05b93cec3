using System.Globalization;
using System.Text;

namespace Hospes.Xm.Configuration;

/// <summary>One string literal: single, double or triple quotes, with the prefixes r, u and b.</summary>
/// <param name="Value">What it stands for.</param>
/// <param name="End">The place after it, or of the problem.</param>
/// <param name="Problem">Why it is not a string after all, or null.</param>
internal sealed record PlainString(string Value, int End, string? Problem = null)
{
    /// <summary>Null if no string begins here.</summary>
    public static PlainString? TryRead(string text, int start)
    {
        int position = start;
        bool raw = false;
        while (position < text.Length && position - start < 2 && char.ToLowerInvariant(text[position]) is 'r' or 'u' or 'b')
        {
            raw |= text[position] is 'r' or 'R';
            position++;
        }

        if (position >= text.Length || text[position] is not ('\'' or '"'))
            return null;
        char quote = text[position];
        bool isTriple = string.CompareOrdinal(text, position, new string(quote, 3), 0, 3) == 0;
        return Read(text, position + (isTriple ? 3 : 1), quote, isTriple, raw);
    }

    private static PlainString Read(string text, int position, char quote, bool isTriple, bool raw)
    {
        int start = position;
        StringBuilder value = new();
        while (position < text.Length)
        {
            char c = text[position];
            if (c == quote && (!isTriple || string.CompareOrdinal(text, position, new string(quote, 3), 0, 3) == 0))
                return new PlainString(value.ToString(), position + (isTriple ? 3 : 1));
            if (c is '\n' or '\r' && !isTriple)
                return new PlainString("", position, "the string is not closed on its line");
            if (c == '\r' && position + 1 < text.Length && text[position + 1] == '\n')
            {
                position++; // a line end is one newline, however the file writes it
            }
            else if (c != '\\' || position + 1 >= text.Length)
            {
                value.Append(c);
                position++;
            }
            else if (raw)
            {
                value.Append(c).Append(text[position + 1]);
                position += 2;
            }
            else
            {
                int length = Escape(text, position, value);
                if (length == 0)
                    return new PlainString("", position, "this escape takes Python to read");
                position += length;
            }
        }

        return isTriple
            ? new PlainString("", start - 3, "the string is never closed")
            : new PlainString("", position, "the string is not closed on its line");
    }

    /// <returns>How many characters of the source the escape took, 0 if it cannot be read here.</returns>
    private static int Escape(string text, int position, StringBuilder value)
    {
        char c = text[position + 1];
        switch (c)
        {
            case '\n':
                return 2;
            case '\r':
                return position + 2 < text.Length && text[position + 2] == '\n' ? 3 : 2;
            case 'x':
                return Hexadecimal(text, position, 2, value);
            case 'u':
                return Hexadecimal(text, position, 4, value);
            case 'U' or 'N':
                return 0;
            case >= '0' and <= '7':
                return Octal(text, position, value);
        }

        int named = "abtnvfr\\'\"".IndexOf(c, StringComparison.Ordinal);
        if (named >= 0)
            value.Append("\a\b\t\n\v\f\r\\'\""[named]);
        else
            value.Append('\\').Append(c);
        return 2;
    }

    private static int Hexadecimal(string text, int position, int digits, StringBuilder value)
    {
        if (position + 2 + digits > text.Length
            || !int.TryParse(text.AsSpan(position + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            return 0;
        value.Append((char)code);
        return 2 + digits;
    }

    private static int Octal(string text, int position, StringBuilder value)
    {
        int end = position + 1;
        int code = 0;
        for (; end < text.Length && end < position + 4 && text[end] is >= '0' and <= '7'; end++)
            code = (code * 8) + (text[end] - '0');
        value.Append((char)code);
        return end - position;
    }
}
