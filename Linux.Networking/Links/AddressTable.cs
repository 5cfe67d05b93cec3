using System.Net;
using System.Runtime.InteropServices;
using Hospes.Linux.Networking.Netlink;
using Hospes.Sdk.Networking;

namespace Hospes.Linux.Networking.Links;

/// <summary>The addresses of a namespace's interfaces.</summary>
public sealed class AddressTable
{
    private const int Address = 1, Local = 2, Flags = 8;
    private const uint NoDuplicateDetection = 2; // IFA_F_NODAD: a new address may be used at once
    private const uint NoPrefixRoute = 0x200;

    private readonly NetlinkSocket _socket;
    private readonly LinkTable _links;

    internal AddressTable(NetlinkSocket socket, LinkTable links)
    {
        _socket = socket;
        _links = links;
    }

    /// <summary>The addresses of one interface.</summary>
    public IReadOnlyList<InterfaceAddress> Of(string link)
    {
        int index = _links.Get(link).Index;
        return [.. List().Where(entry => entry.Index == index).Select(static entry => entry.Address)];
    }

    /// <summary>All addresses, with the number of the interface that each belongs to.</summary>
    public IReadOnlyList<(int Index, InterfaceAddress Address)> List()
    {
        List<(int, InterfaceAddress)> found = [];
        _socket.Dump(
            new NetlinkRequest(MessageType.GetAddress, RequestFlags.Dump).Body(default(AddressBody)),
            "cannot list the addresses",
            (_, body) =>
            {
                AddressBody header = MemoryMarshal.Read<AddressBody>(body);
                AttributeReader attributes = new(body[Marshal.SizeOf<AddressBody>()..]);
                if (attributes.TryFind(Local, out ReadOnlySpan<byte> bytes) || attributes.TryFind(Address, out bytes))
                    found.Add((header.Index, new InterfaceAddress(new IPAddress(bytes), header.PrefixLength)));
            });
        return found;
    }

    /// <summary>Gives an interface an address; content when it has it.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="address">The address.</param>
    /// <param name="withRoute">Whether the address's network is reached through the interface.</param>
    public void Add(string link, InterfaceAddress address, bool withRoute = true)
    {
        NetlinkRequest request = new(MessageType.NewAddress, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace);
        Body(request, link, address).Attribute(Flags, withRoute ? NoDuplicateDetection : NoDuplicateDetection | NoPrefixRoute);
        _socket.Do(request, $"cannot give {link} the address {address}");
    }

    /// <summary>Takes an address from an interface; content when it has it not.</summary>
    public void Delete(string link, InterfaceAddress address)
    {
        try
        {
            _socket.Do(Body(new NetlinkRequest(MessageType.DeleteAddress, RequestFlags.Acknowledge), link, address), $"cannot take the address {address} from {link}");
        }
        catch (NetworkException missing) when (missing.Errno == NetworkException.NoAddress)
        {
            // What was wanted is already so.
        }
    }

    private NetlinkRequest Body(NetlinkRequest request, string link, InterfaceAddress address)
    {
        byte[] bytes = address.Address.GetAddressBytes();
        AddressBody body = new()
        {
            Family = (byte)(address.IsVersion6 ? AddressFamilies.Version6 : AddressFamilies.Version4),
            PrefixLength = (byte)address.PrefixLength,
            Index = _links.Get(link).Index,
        };
        return request.Body(body).Attribute(Local, bytes).Attribute(Address, bytes);
    }
}
