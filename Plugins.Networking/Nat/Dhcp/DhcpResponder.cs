using System.Buffers.Binary;
using System.Net;
using System.Text;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Nat.Dhcp;

/// <summary>
/// Answers one guest's DHCP messages (RFC 2131). The address is the interface's own, so there is nothing to remember: an offer is always the same, and a
/// request for anything else is refused.
/// </summary>
/// <example>
/// <code>
/// guest -> DISCOVER  xid 3903f326, chaddr 00:16:3e:00:00:01
/// dom0  -> OFFER     xid 3903f326, yiaddr 10.0.1.1; server 10.0.1.128, mask 255.255.0.0, router and DNS 10.0.1.128, 3600 s
/// guest -> REQUEST   xid 3903f326, requested 10.0.1.1, server 10.0.1.128
/// dom0  -> ACK       as the offer
/// </code>
/// </example>
internal sealed class DhcpResponder(DhcpLease lease)
{
    /// <summary>Room that an answer needs.</summary>
    internal const int LargestAnswer = 576;

    private const int FixedPart = 236; // up to the cookie
    private const int SmallestAnswer = 300; // BOOTP's; some clients take nothing shorter
    private const uint Cookie = 0x63825363;
    private const uint LeaseSeconds = 3600;

    /// <summary>Answers a message, as a length; 0: it gets none.</summary>
    internal int Answer(ReadOnlySpan<byte> message, Span<byte> answer)
    {
        if (message.Length < FixedPart + 4 || message[0] != 1 || message[1] != 1 || message[2] != MacAddress.Length
            || BinaryPrimitives.ReadUInt32BigEndian(message[FixedPart..]) != Cookie || MacAddress.From(message[28..]) != lease.Client)
            return 0;
        ReadOnlySpan<byte> options = message[(FixedPart + 4)..];
        DhcpMessageType type = Find(options, DhcpOption.MessageType) is [byte value] ? (DhcpMessageType)value : default;
        DhcpMessageType reply = type switch
        {
            DhcpMessageType.Discover => DhcpMessageType.Offer,
            DhcpMessageType.Request when !IsForUs(options) => default, // it has taken another's offer
            DhcpMessageType.Request => IsForAddress(message, options) ? DhcpMessageType.Acknowledge : DhcpMessageType.Refuse,
            DhcpMessageType.Inform => DhcpMessageType.Acknowledge,
            _ => default,
        };
        return reply == default ? 0 : Compose(message, type, reply, answer);
    }

    private bool IsForUs(ReadOnlySpan<byte> options) =>
        Find(options, DhcpOption.ServerIdentifier) is not { Length: 4 } server || server.SequenceEqual(lease.Router.GetAddressBytes());

    private bool IsForAddress(ReadOnlySpan<byte> message, ReadOnlySpan<byte> options)
    {
        ReadOnlySpan<byte> wanted = Find(options, DhcpOption.RequestedAddress);
        if (wanted.Length != 4)
            wanted = message.Slice(12, 4); // ciaddr: it renews
        return wanted.SequenceEqual(lease.Address.Address.GetAddressBytes());
    }

    private int Compose(ReadOnlySpan<byte> message, DhcpMessageType type, DhcpMessageType reply, Span<byte> answer)
    {
        answer[..LargestAnswer].Clear();
        message[..3].CopyTo(answer);
        answer[0] = 2;
        message.Slice(4, 4).CopyTo(answer[4..]); // xid
        message.Slice(10, 2).CopyTo(answer[10..]); // flags
        bool givesAddress = reply is DhcpMessageType.Offer or DhcpMessageType.Acknowledge && type != DhcpMessageType.Inform;
        if (type is DhcpMessageType.Inform)
            message.Slice(12, 4).CopyTo(answer[12..]);
        if (givesAddress)
            lease.Address.Address.TryWriteBytes(answer[16..], out _);
        message.Slice(28, 16).CopyTo(answer[28..]); // chaddr
        BinaryPrimitives.WriteUInt32BigEndian(answer[FixedPart..], Cookie);
        DhcpOptionWriter options = new(answer[(FixedPart + 4)..LargestAnswer]);
        options.Add(DhcpOption.MessageType, [(byte)reply]);
        options.Add(DhcpOption.ServerIdentifier, lease.Router.GetAddressBytes());
        if (givesAddress)
            options.Add(DhcpOption.LeaseTime, LeaseSeconds);
        if (reply != DhcpMessageType.Refuse)
        {
            options.Add(DhcpOption.SubnetMask, lease.Address.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - lease.Address.PrefixLength));
            options.Add(DhcpOption.Router, lease.Router.GetAddressBytes());
            options.Add(DhcpOption.NameServer, lease.Router.GetAddressBytes());
            options.Add(DhcpOption.HostName, Encoding.ASCII.GetBytes(HostName(lease.HostName)));
            options.Add(DhcpOption.DomainName, Encoding.ASCII.GetBytes(lease.Domain));
            options.Add(DhcpOption.Mtu, [(byte)(lease.Mtu >> 8), (byte)lease.Mtu]);
        }

        return Math.Max(FixedPart + 4 + options.Finish(), SmallestAnswer);
    }

    /// <summary>A domain's name as a host's: letters, digits and hyphens, at most 63.</summary>
    internal static string HostName(string domainName)
    {
        string name = new([.. domainName.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        name = (name.Length > 63 ? name[..63] : name).Trim('-');
        return name.Length == 0 ? "guest" : name;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> options, DhcpOption wanted)
    {
        while (options.Length >= 2 && options[0] != (byte)DhcpOption.End)
        {
            if (options[0] == (byte)DhcpOption.Padding)
            {
                options = options[1..];
                continue;
            }

            int length = options[1];
            if (length > options.Length - 2)
                break;
            if (options[0] == (byte)wanted)
                return options.Slice(2, length);
            options = options[(2 + length)..];
        }

        return [];
    }
}
