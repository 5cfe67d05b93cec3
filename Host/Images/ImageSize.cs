using System.Globalization;
using Hospes.Host.Verbs;

namespace Hospes.Host.Images;

/// <summary>Sizes as people write them: <c>10G</c>, <c>512M</c>, <c>4096</c> (bytes); a plus in front is an amount to add.</summary>
internal static class ImageSize
{
    private const string Units = "KMGTPE";

    /// <summary>The size.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static long Parse(string text)
    {
        string digits = text.TrimEnd('b', 'B');
        int unit = digits.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal);
        if (unit >= 0)
            digits = digits[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            throw new UsageException($"'{text}' is no size; write bytes, or 512M, 10G");
        long factor = 1L << (10 * (unit + 1));
        return number <= long.MaxValue / factor ? number * factor : throw new UsageException($"{text} is more than any disk has");
    }
}
