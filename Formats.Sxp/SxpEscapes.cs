using System.Text;

namespace Hospes.Sxp;

/// <summary>The backslash escapes of quoted atoms: <c>\a \b \t \n \v \f \r \\ \' \"</c>, <c>\xHH</c> and <c>\OOO</c>.</summary>
internal static class SxpEscapes
{
    internal static char? Named(char escaped) => escaped switch
    {
        'a' => '\a',
        'b' => '\b',
        't' => '\t',
        'n' => '\n',
        'v' => '\v',
        'f' => '\f',
        'r' => '\r',
        '\\' or '\'' or '"' => escaped,
        _ => null,
    };

    /// <summary>
    /// Decodes the numeric escapes that begin at <paramref name="start"/>. They stand for bytes, so neighbours are decoded
    /// together as UTF-8; bytes that are not UTF-8 are taken as Latin-1, the other encoding such files came in.
    /// </summary>
    internal static bool TryByteRun(string text, int start, out int length, out string decoded)
    {
        List<byte> bytes = [];
        int position = start;
        while (TryByte(text, position, out int used, out byte value))
        {
            bytes.Add(value);
            position += used;
        }

        length = position - start;
        decoded = bytes.Count == 0 ? "" : Decode([.. bytes]);
        return bytes.Count > 0;
    }

    internal static void Append(StringBuilder result, char c, char quote)
    {
        string? escape = c switch
        {
            '\a' => "\\a",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\v' => "\\v",
            '\f' => "\\f",
            '\r' => "\\r",
            '\\' => "\\\\",
            < ' ' or '\x7f' => $"\\x{(int)c:x2}",
            _ => c == quote ? "\\" + c : null,
        };
        if (escape is null)
            result.Append(c);
        else
            result.Append(escape);
    }

    private static bool TryByte(string text, int start, out int used, out byte value)
    {
        used = 0;
        value = 0;
        if (start + 1 >= text.Length || text[start] != '\\')
            return false;
        int position = start + 1;
        int number = 0;
        if (text[position] == 'x')
        {
            if (position + 2 >= text.Length || !char.IsAsciiHexDigit(text[position + 1]) || !char.IsAsciiHexDigit(text[position + 2]))
                return false;
            number = (Hex(text[position + 1]) * 16) + Hex(text[position + 2]);
            position += 3;
        }
        else
        {
            int end = Math.Min(position + 3, text.Length);
            for (; position < end && text[position] is >= '0' and <= '7'; position++)
                number = (number * 8) + (text[position] - '0');
        }

        used = position - start;
        value = (byte)number;
        return used > 1 && number <= byte.MaxValue;
    }

    private static int Hex(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    private static string Decode(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
