using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Hospes.Sdk.Networking;

/// <summary>An address with the length of its network's prefix: <c>192.168.1.5/24</c>.</summary>
public readonly record struct InterfaceAddress
{
    /// <summary>Takes an address and a prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prefix is longer than the address.</exception>
    public InterfaceAddress(IPAddress address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, Bits(address));
        Address = address;
        PrefixLength = prefixLength;
    }

    /// <summary>The address.</summary>
    public IPAddress Address { get; }

    /// <summary>Bits that all addresses of the network have in common.</summary>
    public int PrefixLength { get; }

    /// <summary>Whether it is version 6 of the protocol.</summary>
    public bool IsVersion6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The network that the address is in.</summary>
    public IPNetwork Network => new(Masked(Address, PrefixLength), PrefixLength);

    /// <summary>Reads <c>ADDRESS</c> or <c>ADDRESS/PREFIX</c>; without a prefix the network is the address alone.</summary>
    /// <exception cref="FormatException">It is neither; the message quotes the text.</exception>
    public static InterfaceAddress Parse(string text) =>
        TryParse(text, out InterfaceAddress address) ? address : throw new FormatException($"'{text}' is not an IP address, nor ADDRESS/PREFIX");

    /// <summary>As <see cref="Parse"/>, without an exception.</summary>
    public static bool TryParse(string text, out InterfaceAddress address)
    {
        address = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];

        // The framework also reads "10" and "10.1" as addresses, which nobody means here.
        if (!IPAddress.TryParse(host, out IPAddress? parsed) || host.Contains('%', StringComparison.Ordinal)
            || (parsed.AddressFamily == AddressFamily.InterNetwork && host.Count(static c => c == '.') != 3))
            return false;
        int bits = Bits(parsed);
        int prefix = bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
            return false;
        address = new InterfaceAddress(parsed, prefix);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int index = 0; index < bytes.Length; index++)
        {
            int kept = Math.Clamp(prefix - index * 8, 0, 8);
            bytes[index] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
