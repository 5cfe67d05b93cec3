using System.Net;
using System.Runtime.InteropServices;
using Hospes.Linux.Networking.Netlink;
using Hospes.Sdk.Networking;

namespace Hospes.Linux.Networking.Links;

/// <summary>Who has which address on the wire, and for whom the machine answers (proxy ARP and proxy neighbour discovery).</summary>
public sealed class NeighbourTable
{
    private const int Destination = 1, LinkAddress = 2;
    private const ushort Permanent = 0x80;
    private const byte Proxy = 8; // NTF_PROXY

    private readonly NetlinkSocket _socket;
    private readonly LinkTable _links;

    internal NeighbourTable(NetlinkSocket socket, LinkTable links)
    {
        _socket = socket;
        _links = links;
    }

    /// <summary>What is known of one interface's neighbours.</summary>
    public IReadOnlyList<(IPAddress Address, MacAddress? Mac)> Of(string link)
    {
        int index = _links.Get(link).Index;
        List<(IPAddress, MacAddress?)> found = [];
        _socket.Dump(
            new NetlinkRequest(MessageType.GetNeighbour, RequestFlags.Dump).Body(default(NeighbourBody)),
            "cannot list the neighbours",
            (_, body) =>
            {
                AttributeReader attributes = new(body[Marshal.SizeOf<NeighbourBody>()..]);
                if (MemoryMarshal.Read<NeighbourBody>(body).Index != index || !attributes.TryFind(Destination, out ReadOnlySpan<byte> address))
                    return;
                found.Add((new IPAddress(address), attributes.TryFind(LinkAddress, out ReadOnlySpan<byte> mac) ? MacAddress.From(mac) : null));
            });
        return found;
    }

    /// <summary>Fixes who has an address.</summary>
    public void Set(string link, IPAddress address, MacAddress mac)
    {
        byte[] octets = new byte[MacAddress.Length];
        mac.CopyTo(octets);
        NetlinkRequest request = new(MessageType.NewNeighbour, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace);
        _socket.Do(Body(request, link, address, 0).Attribute(LinkAddress, octets), $"cannot fix {address} on {link} to {mac}");
    }

    /// <summary>Answers on an interface for an address that is reached elsewhere.</summary>
    public void AddProxy(string link, IPAddress address) => _socket.Do(
        Body(new NetlinkRequest(MessageType.NewNeighbour, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace), link, address, Proxy),
        $"cannot answer for {address} on {link}");

    /// <summary>Takes <see cref="AddProxy"/> back; content when there is nothing to take back.</summary>
    public void DeleteProxy(string link, IPAddress address)
    {
        try
        {
            _socket.Do(Body(new NetlinkRequest(MessageType.DeleteNeighbour, RequestFlags.Acknowledge), link, address, Proxy), $"cannot stop answering for {address} on {link}");
        }
        catch (NetworkException missing) when (missing.Errno is NetworkException.NotFound or NetworkException.NoDevice)
        {
            // What was wanted is already so.
        }
    }

    private NetlinkRequest Body(NetlinkRequest request, string link, IPAddress address, byte flags) => request.Body(new NeighbourBody
    {
        Family = AddressFamilies.Of(address),
        Index = _links.Get(link).Index,
        State = Permanent,
        Flags = flags,
    }).Attribute(Destination, address.GetAddressBytes());
}
