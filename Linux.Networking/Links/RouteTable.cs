using System.Net;
using System.Runtime.InteropServices;
using Hospes.Linux.Networking.Netlink;

namespace Hospes.Linux.Networking.Links;

/// <summary>The routes in a namespace's main table.</summary>
public sealed class RouteTable
{
    private const int Destination = 1, Interface = 4, Gateway = 5, PreferredSource = 7;
    private const byte MainTable = 254, Unicast = 1, Global = 0, OnLink = 253, SetUpAtBoot = 3;

    private readonly NetlinkSocket _socket;
    private readonly LinkTable _links;

    internal RouteTable(NetlinkSocket socket, LinkTable links)
    {
        _socket = socket;
        _links = links;
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Route> List()
    {
        List<Route> found = [];
        _socket.Dump(
            new NetlinkRequest(MessageType.GetRoute, RequestFlags.Dump).Body(default(RouteBody)),
            "cannot list the routes",
            (_, body) =>
            {
                RouteBody header = MemoryMarshal.Read<RouteBody>(body);
                if (header.Table != MainTable || header.Type != Unicast)
                    return;
                AttributeReader attributes = new(body[Marshal.SizeOf<RouteBody>()..]);
                IPNetwork? network = attributes.TryFind(Destination, out ReadOnlySpan<byte> destination)
                    ? new IPNetwork(new IPAddress(destination), header.DestinationLength)
                    : null;
                IPAddress? gateway = attributes.TryFind(Gateway, out ReadOnlySpan<byte> address) ? new IPAddress(address) : null;
                found.Add(new Route(network, attributes.FindNumber(Interface) ?? 0, gateway));
            });
        return found;
    }

    /// <summary>Adds a route, or changes the one to the same network.</summary>
    /// <param name="destination">The network; null: everything else.</param>
    /// <param name="link">The interface; null when a gateway decides.</param>
    /// <param name="gateway">Who passes packets on, or null when the network is right behind the interface.</param>
    /// <param name="source">The address that our own packets get, or null.</param>
    public void Set(IPNetwork? destination, string? link, IPAddress? gateway = null, IPAddress? source = null)
    {
        NetlinkRequest request = new(MessageType.NewRoute, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace);
        Body(request, destination, link, gateway);
        if (source is not null)
            request.Attribute(PreferredSource, source.GetAddressBytes());
        _socket.Do(request, $"cannot set the route to {Name(destination)} through {link ?? gateway?.ToString()}");
    }

    /// <summary>Removes a route; content when there is none.</summary>
    public void Delete(IPNetwork? destination, string? link, IPAddress? gateway = null)
    {
        try
        {
            _socket.Do(
                Body(new NetlinkRequest(MessageType.DeleteRoute, RequestFlags.Acknowledge), destination, link, gateway),
                $"cannot remove the route to {Name(destination)} through {link ?? gateway?.ToString()}");
        }
        catch (NetworkException missing) when (missing.Errno is NetworkException.NoSuchEntry or NetworkException.NoDevice)
        {
            // What was wanted is already so.
        }
    }

    private static string Name(IPNetwork? destination) => destination?.ToString() ?? "everywhere else";

    private NetlinkRequest Body(NetlinkRequest request, IPNetwork? destination, string? link, IPAddress? gateway)
    {
        IPAddress? any = destination?.BaseAddress ?? gateway;
        RouteBody body = new()
        {
            Family = any is null ? AddressFamilies.Version4 : AddressFamilies.Of(any),
            DestinationLength = (byte)(destination?.PrefixLength ?? 0),
            Table = MainTable,
            Protocol = SetUpAtBoot,
            Scope = gateway is null && IsVersion4(any) ? OnLink : Global,
            Type = Unicast,
        };
        request.Body(body);
        if (destination is { } network)
            request.Attribute(Destination, network.BaseAddress.GetAddressBytes());
        if (gateway is not null)
            request.Attribute(Gateway, gateway.GetAddressBytes());
        if (link is not null)
            request.Attribute(Interface, (uint)_links.Get(link).Index);
        return request;

        static bool IsVersion4(IPAddress? address) => address is null || AddressFamilies.Of(address) == AddressFamilies.Version4;
    }
}
