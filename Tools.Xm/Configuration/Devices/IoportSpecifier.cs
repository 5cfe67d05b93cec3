using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'FROM[-TO]'</c>, hexadecimal I/O ports.</summary>
internal static class IoportSpecifier
{
    public static SxpList Form(string text)
    {
        string[] bounds = text.Split('-', StringSplitOptions.TrimEntries);
        if (bounds.Length > 2 || !TryPort(bounds[0], out int from) || !TryPort(bounds[^1], out int to) || to < from)
            throw new ConfigException($"Invalid i/o port range specifier: {text}");
        return new SxpList("ioports", new SxpList("from", $"0x{from:x}"), new SxpList("to", $"0x{to:x}"));
    }

    private static bool TryPort(string text, out int port)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out port) && port is >= 0 and <= 0xffff;
    }
}
