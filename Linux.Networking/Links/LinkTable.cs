using System.Runtime.InteropServices;
using System.Text;
using Hospes.Linux.Networking.Netlink;
using Hospes.Sdk.Networking;

namespace Hospes.Linux.Networking.Links;

/// <summary>The interfaces of a namespace. Attributes: linux/if_link.h.</summary>
public sealed class LinkTable
{
    /// <summary>Longest name of an interface (IFNAMSIZ less the zero at its end).</summary>
    public const int LongestName = 15;

    private const int Mac = 1, Name = 3, Mtu = 4, Master = 10, Info = 18, Alias = 20, Statistics = 23, NamespaceDescriptor = 28;
    private const int InfoKind = 1, InfoData = 2;
    private const int VethPeer = 1, BridgeForwardDelay = 1, BridgeStp = 5, BridgeMulticastSnooping = 23;
    private const uint Up = 1;

    private readonly NetlinkSocket _socket;

    internal LinkTable(NetlinkSocket socket) => _socket = socket;

    /// <summary>Whether a text can name an interface: what the kernel takes, less what would need quotes in the texts that filters are written in.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text is not ("." or "..") && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>All interfaces.</summary>
    public IReadOnlyList<Link> All()
    {
        List<Link> links = [];
        _socket.Dump(
            new NetlinkRequest(MessageType.GetLink, RequestFlags.Dump).Body(default(LinkBody)),
            "cannot list the network interfaces",
            (type, body) =>
            {
                if (type == MessageType.NewLink)
                    links.Add(Read(body));
            });
        return links;
    }

    /// <summary>An interface by its name, or null.</summary>
    public Link? Find(string name)
    {
        if (!IsName(name))
            return null;
        Link? found = null;
        try
        {
            _socket.Dump(
                new NetlinkRequest(MessageType.GetLink, RequestFlags.Acknowledge).Body(default(LinkBody)).Attribute(Name, name),
                $"cannot look for the interface {name}",
                (_, body) => found = Read(body));
        }
        catch (NetworkException missing) when (missing.Errno == NetworkException.NoDevice)
        {
            return null;
        }

        return found;
    }

    /// <summary>An interface by its name.</summary>
    /// <exception cref="NetworkException">There is none.</exception>
    public Link Get(string name) => Find(name) ?? throw new NetworkException($"cannot find the interface {name}", NetworkException.NoDevice);

    /// <summary>Makes a bridge without spanning tree and forwarding delay, as Xen's scripts did: a guest's first packet passes at once.</summary>
    public void AddBridge(string name) => Add(
        name, "bridge",
        static data => data.Attribute(BridgeForwardDelay, 0).Attribute(BridgeStp, 0).Attribute(BridgeMulticastSnooping, [0]));

    /// <summary>Makes two interfaces, of which each receives what the other sends; the second may be in another namespace.</summary>
    public void AddPair(string name, string peer, NetworkNamespace? peerNamespace = null) => Add(name, "veth", data =>
        data.Nest(VethPeer, inner =>
        {
            inner.Body(default(LinkBody)).Attribute(Name, peer);
            if (peerNamespace is not null)
                inner.Attribute(NamespaceDescriptor, (uint)peerNamespace.Descriptor);
        }));

    /// <summary>Removes an interface.</summary>
    public void Delete(string name) => Change(MessageType.DeleteLink, name, $"cannot remove the interface {name}", default, null);

    /// <summary>Switches an interface on.</summary>
    public void SetUp(string name) => Change(MessageType.SetLink, name, $"cannot bring the interface {name} up", new LinkBody { Flags = Up, Change = Up }, null);

    /// <summary>Switches an interface off.</summary>
    public void SetDown(string name) => Change(MessageType.SetLink, name, $"cannot bring the interface {name} down", new LinkBody { Change = Up }, null);

    /// <summary>Sets the largest packet that an interface takes.</summary>
    public void SetMtu(string name, int mtu) => Set(name, $"cannot set the MTU of {name} to {mtu}", request => request.Attribute(Mtu, (uint)mtu));

    /// <summary>Gives an interface another address.</summary>
    public void SetMac(string name, MacAddress mac) => Set(name, $"cannot set the address of {name} to {mac}", request => AddMac(request, mac));

    /// <summary>Puts a note on an interface.</summary>
    public void SetAlias(string name, string alias) =>
        Set(name, $"cannot put the alias '{alias}' on {name}", request => request.Attribute(Alias, Encoding.UTF8.GetBytes(alias)));

    /// <summary>Gives an interface, which is down, another name.</summary>
    public void Rename(string name, string newName)
    {
        LinkBody body = new() { Index = Get(name).Index };
        _socket.Do(
            new NetlinkRequest(MessageType.SetLink, RequestFlags.Acknowledge).Body(body).Attribute(Name, newName), $"cannot rename the interface {name} to {newName}");
    }

    /// <summary>Moves an interface to another namespace, where it keeps its name.</summary>
    public void Move(string name, NetworkNamespace to) =>
        Set(name, $"cannot move the interface {name} to another namespace", request => request.Attribute(NamespaceDescriptor, (uint)to.Descriptor));

    /// <summary>Makes an interface a port of a bridge; null: of none any more.</summary>
    public void SetMaster(string name, string? bridge)
    {
        uint index = bridge is null ? 0 : (uint)Get(bridge).Index;
        string what = bridge is null ? $"cannot take the interface {name} off its bridge" : $"cannot make the interface {name} a port of {bridge}";
        Set(name, what, request => request.Attribute(Master, index));
    }

    private void Add(string name, string kind, Action<NetlinkRequest> data)
    {
        NetlinkRequest request = new(MessageType.NewLink, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Exclusive);
        request.Body(default(LinkBody)).Attribute(Name, name);
        request.Nest(Info, info => info.Attribute(InfoKind, kind).Nest(InfoData, data));
        _socket.Do(request, $"cannot make the {kind} interface {name}");
    }

    private void Set(string name, string what, Action<NetlinkRequest> attributes) => Change(MessageType.SetLink, name, what, default, attributes);

    private void Change(MessageType type, string name, string what, LinkBody body, Action<NetlinkRequest>? attributes)
    {
        NetlinkRequest request = new NetlinkRequest(type, RequestFlags.Acknowledge).Body(body).Attribute(Name, name);
        attributes?.Invoke(request);
        _socket.Do(request, what);
    }

    private static void AddMac(NetlinkRequest request, MacAddress mac)
    {
        Span<byte> octets = stackalloc byte[MacAddress.Length];
        mac.CopyTo(octets);
        request.Attribute(Mac, octets);
    }

    private static Link Read(ReadOnlySpan<byte> body)
    {
        LinkBody header = MemoryMarshal.Read<LinkBody>(body);
        AttributeReader attributes = new(body[Marshal.SizeOf<LinkBody>()..]);
        return new Link
        {
            Index = header.Index,
            Name = attributes.FindText(Name) ?? "",
            Kind = attributes.Nested(Info).FindText(InfoKind),
            Mac = attributes.TryFind(Mac, out ReadOnlySpan<byte> mac) && mac.Length == MacAddress.Length ? MacAddress.From(mac) : null,
            Mtu = attributes.FindNumber(Mtu) ?? 0,
            IsUp = (header.Flags & Up) != 0,
            Master = attributes.FindNumber(Master) ?? 0,
            Alias = attributes.FindText(Alias),
            Counters = attributes.TryFind(Statistics, out ReadOnlySpan<byte> counters) && counters.Length >= 64
                ? MemoryMarshal.Read<LinkCounters>(counters) // rtnl_link_stats64 begins with these eight, in this order
                : default,
        };
    }
}
