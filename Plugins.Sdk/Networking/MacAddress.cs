using System.Globalization;

namespace Hospes.Sdk.Networking;

/// <summary>An Ethernet address: 48 bits, the first octet in the most significant ones.</summary>
/// <param name="Value">The bits.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Octets of an address.</summary>
    public const int Length = 6;

    /// <summary>Whether frames to it go to many.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>Whether it is all zeroes, which no interface has.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Reads six octets.</summary>
    public static MacAddress From(ReadOnlySpan<byte> octets)
    {
        ulong value = 0;
        foreach (byte octet in octets[..Length])
            value = value << 8 | octet;
        return new MacAddress(value);
    }

    /// <summary>Reads <c>00:16:3e:1a:2b:3c</c>: six pairs of hexadecimal digits, one digit where the first would be 0.</summary>
    /// <exception cref="FormatException">It is not; the message quotes the text.</exception>
    public static MacAddress Parse(string text) =>
        TryParse(text, out MacAddress mac) ? mac : throw new FormatException($"'{text}' is not a MAC address such as 00:16:3e:1a:2b:3c");

    /// <summary>As <see cref="Parse"/>, without an exception.</summary>
    public static bool TryParse(string text, out MacAddress mac)
    {
        mac = default;
        string[] parts = text.Split(':');
        if (parts.Length != Length)
            return false;
        ulong value = 0;
        foreach (string part in parts)
        {
            if (part.Length is < 1 or > 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
                return false;
            value = value << 8 | octet;
        }

        mac = new MacAddress(value);
        return true;
    }

    /// <summary>Writes six octets.</summary>
    public void CopyTo(Span<byte> octets)
    {
        for (int index = 0; index < Length; index++)
            octets[index] = (byte)(Value >> (40 - index * 8));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[Length];
        CopyTo(octets);
        return $"{octets[0]:x2}:{octets[1]:x2}:{octets[2]:x2}:{octets[3]:x2}:{octets[4]:x2}:{octets[5]:x2}";
    }
}
