using System.Globalization;

namespace Hospes.Xm.Configuration;

/// <summary>Numbers as Python 2 writes them: <c>12</c>, <c>0x1f</c>, <c>0755</c>, <c>0b1</c>, <c>12L</c>, <c>1.5e3</c>.</summary>
internal static class PlainNumber
{
    /// <summary>Null if the text is not a number, or not one of 63 bits.</summary>
    public static ConfigValue? Parse(ReadOnlySpan<char> text, bool negative)
    {
        if (text[^1] is 'L' or 'l')
            text = text[..^1];
        if (text.Length > 1 && text[0] == '0' && text.IndexOfAny('.', 'e', 'E') < 0 || IsHexadecimal(text))
            return Whole(Prefixed(text), negative);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return Whole(number, negative);
        const NumberStyles real = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return text.ContainsAny(".eE") && double.TryParse(text, real, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? new RealValue(negative ? -value : value)
            : null;
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static IntegerValue? Whole(long? number, bool negative) => number is { } value ? new IntegerValue(negative ? -value : value) : null;

    private static long? Prefixed(ReadOnlySpan<char> text)
    {
        (int radix, int skip) = char.ToLowerInvariant(text[1]) switch
        {
            'x' => (16, 2),
            'b' => (2, 2),
            'o' => (8, 2),
            _ => (8, 1), // the old way to write octal
        };
        long number = 0;
        if (text.Length == skip)
            return null;
        foreach (char c in text[skip..])
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || number > (long.MaxValue - digit) / radix)
                return null;
            number = (number * radix) + digit;
        }

        return number;
    }
}
