using System.Globalization;
using System.Text.RegularExpressions;

namespace Hospes.Host.Devices.Network;

/// <summary>
/// How much a guest may transmit, as people write it: <c>10Mb/s@20ms</c> (fact sheet "Domain configuration", section 4.2). Multipliers are decimal, b is bits;
/// the interval is 50 ms unless given. What cannot be read, or is zero, or too much, is no limit, as Xen has it.
/// </summary>
/// <param name="Bytes">Bytes in an interval.</param>
/// <param name="Microseconds">The interval; 0: no limit.</param>
internal readonly partial record struct VifRate(uint Bytes, uint Microseconds)
{
    private const uint DefaultInterval = 50_000;

    /// <summary>No limit.</summary>
    public static VifRate Unlimited => new(uint.MaxValue, 0);

    /// <summary>Reads a rate.</summary>
    public static VifRate Parse(string? text)
    {
        Match match = Grammar().Match(text ?? "");
        if (!match.Success || !ulong.TryParse(match.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return Unlimited;
        UInt128 perSecond = (UInt128)number * match.Groups["multiplier"].Value switch { "G" => 1_000_000_000u, "M" => 1_000_000u, "K" => 1_000u, _ => 1u };
        if (match.Groups["unit"].Value == "b")
            perSecond /= 8;
        if (Interval(match) is not { } interval)
            return Unlimited;
        UInt128 bytes = perSecond * interval / 1_000_000;
        return bytes == 0 || bytes > uint.MaxValue ? Unlimited : new VifRate((uint)bytes, interval);
    }

    /// <summary>As it stands in the store.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes},{Microseconds}");

    private static uint? Interval(Match match)
    {
        string text = match.Groups["interval"].Value;
        if (text.Length == 0)
            return DefaultInterval;
        ulong multiplier = match.Groups["scale"].Value switch { "m" => 1_000u, "u" => 1u, _ => 1_000_000u };
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && (UInt128)number * multiplier is var value
            && value > 0 && value <= uint.MaxValue ? (uint)value : null;
    }

    [GeneratedRegex(@"^(?<number>[0-9]+)(?<multiplier>[GMK]?)(?<unit>[Bb])/s(@(?<interval>[0-9]+)(?<scale>[mu]?)s)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}
