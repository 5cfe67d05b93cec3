using System.Globalization;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary>Amounts of memory as people type them: <c>256</c> is MiB, <c>512k</c>, <c>256m</c> and <c>1g</c> say their unit.</summary>
internal static class MemoryQuantity
{
    /// <exception cref="UsageException">It is not a number.</exception>
    public static long ParseMiB(string text, TextWriter output)
    {
        char last = text.Length > 0 ? text[^1] : '0';
        bool hasUnit = char.IsAsciiLetter(last);
        if (!long.TryParse(hasUnit ? text[..^1] : text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            throw new UsageException("Invalid argument.");
        if (!hasUnit)
            return number;
        switch (char.ToLowerInvariant(last))
        {
            case 'k':
                return number / 1024;
            case 'm':
                return number;
            case 'g':
                return number <= long.MaxValue / 1024 ? number * 1024 : throw new UsageException("Invalid argument.");
            default:
                output.Write("ignoring unknown unit\n"); // Xen's tools then take the number as bytes
                return number / (1024 * 1024);
        }
    }
}
