using System.Buffers.Binary;
using System.Net;
using Hospes.Linux.Networking;
using Hospes.Sdk;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Nat;

/// <summary>
/// The addresses behind the translation, as Xen's vif-nat numbered them (fact sheet "xend", section 6): interface h of domain d has 10.(d/256).(d%256).(h+1)
/// and its router, dom0's end, that plus 127. So an address follows from the interface and needs no book-keeping.
/// </summary>
/// <remarks>
/// Guests take 16 bits of network for one wire, which has room for 255 domains at one time, not for 65535 numbers: a domain whose place is taken gets
/// the next one that is free.
/// </remarks>
internal sealed class GuestSubnet
{
    private const int PrefixLength = 16;
    private const int RouterOffset = 127;
    private const int HandlesPerDomain = 127;

    // Where 10.0.0.0/16 is in use already: others of the ranges for private use (RFC 1918), from their unpopular ends.
    private static readonly IPNetwork[] Candidates =
        [.. new[] { "10.0.0.0/16", "10.213.0.0/16", "172.29.0.0/16", "10.87.0.0/16", "172.23.0.0/16", "192.168.0.0/16" }.Select(IPNetwork.Parse)];

    private readonly uint _base;

    private GuestSubnet(IPNetwork network)
    {
        Network = network;
        _base = BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes());
    }

    /// <summary>The network of all guests.</summary>
    internal IPNetwork Network { get; }

    /// <summary>The network that was asked for, or the first that is not in use here.</summary>
    /// <exception cref="FormatException">What was asked for is too small.</exception>
    /// <exception cref="IOException">All that could be taken are in use.</exception>
    internal static GuestSubnet Choose(KernelNetwork network, IPNetwork? wanted, Func<string, bool> isOurs)
    {
        if (wanted is { } asked)
            return asked.PrefixLength == PrefixLength ? new GuestSubnet(asked) : throw new FormatException($"subnet={asked} must have a prefix of {PrefixLength}, such as 10.0.0.0/16");
        IPNetwork[] used = [.. Used(network, isOurs)];
        foreach (IPNetwork candidate in Candidates)
        {
            if (!Array.Exists(used, other => other.Contains(candidate.BaseAddress) || candidate.Contains(other.BaseAddress)))
                return new GuestSubnet(candidate);
        }

        throw new IOException($"cannot choose a network for the guests: {string.Join(", ", Candidates)} are all in use here. Name another: (network-script 'network-nat subnet=...')");
    }

    /// <summary>The network that a start has chosen.</summary>
    internal static GuestSubnet Of(IPNetwork network) => new(network);

    /// <summary>The addresses that an interface may get, the one that is its own first.</summary>
    /// <exception cref="IOException">There is none for it.</exception>
    internal IEnumerable<InterfaceAddress> Guest(DomainId domain, int handle)
    {
        if (handle is < 0 or >= HandlesPerDomain)
            throw new IOException($"interface {handle} of domain {domain} has no address behind the translation: a domain has at most {HandlesPerDomain} there");
        const uint places = (1u << (32 - PrefixLength)) / 256;
        for (uint place = 0; place < places; place++)
        {
            uint number = (domain.Value + place) % places;
            if (number != 0)
                yield return At(_base + number * 256 + (uint)handle + 1);
        }
    }

    /// <summary>dom0's address towards a guest.</summary>
    internal InterfaceAddress Router(InterfaceAddress guest) => At(BinaryPrimitives.ReadUInt32BigEndian(guest.Address.GetAddressBytes()) + RouterOffset);

    private static IEnumerable<IPNetwork> Used(KernelNetwork network, Func<string, bool> isOurs)
    {
        HashSet<int> ours = [.. network.Links.All().Where(link => isOurs(link.Name)).Select(static link => link.Index)];
        return network.Addresses.List().Where(entry => !entry.Address.IsVersion6 && !ours.Contains(entry.Index)).Select(static entry => entry.Address.Network)
            .Concat(network.Routes.List().Where(route => route.Destination is { } to && to.BaseAddress.GetAddressBytes().Length == 4 && !ours.Contains(route.Link))
                .Select(static route => route.Destination!.Value));
    }

    private InterfaceAddress At(uint address)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new InterfaceAddress(new IPAddress(bytes), Network.PrefixLength);
    }
}
