namespace Hospes.Sxp;

/// <summary>Which characters may stand where (fact sheet "Domain configuration", section 7).</summary>
internal static class SxpCharacters
{
    /// <summary>Ctrl-D: the rest of the input is not read.</summary>
    internal const char EndOfInput = '\x04';

    internal static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n' or '\v' or '\f';

    /// <summary>Characters that end a bare word, besides space.</summary>
    internal static bool EndsWord(char c) =>
        IsSpace(c) || c is '#' or '{' or '}' or '(' or ')' or '<' or '>' or '[' or ']' or '!' or ';' or '\'' or '"' or EndOfInput;

    /// <summary>Whether a printer may leave the quotes away.</summary>
    internal static bool IsBareWord(string text)
    {
        if (text.Length == 0)
            return false;
        if (text == "@")
            return true;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or ':' or '/' or '~'))
                return false;
        }

        return true;
    }
}
