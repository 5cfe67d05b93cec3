using System.Net;
using System.Net.Sockets;
using Hospes.Linux.Networking;

namespace Hospes.TestKit.Networking;

/// <summary>Real packets between namespaces.</summary>
public static class Traffic
{
    private const int Port = 7007;
    private const int DontFragment = 10; // IP_MTU_DISCOVER
    private const int DontFragment6 = 23; // IPV6_MTU_DISCOVER
    private const int Always = 2; // IP_PMTUDISC_DO

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(600);

    /// <summary>Whether a datagram gets from one namespace to an address in another and back, unfragmented.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="to">Who answers.</param>
    /// <param name="address">The address that is asked.</param>
    /// <param name="size">Bytes of data.</param>
    /// <param name="seen">Gets the address that the other end saw.</param>
    /// <param name="isExpected">Whether it is worth waiting long.</param>
    public static bool Reaches(NetworkNamespace from, NetworkNamespace to, string address, int size, out IPAddress? seen, bool isExpected = true)
    {
        IPAddress target = IPAddress.Parse(address);
        using Socket server = to.Run(() => Bound(target.AddressFamily));
        using Socket client = from.Run(() => Bound(target.AddressFamily, port: 0));
        Unfragmented(client);
        Unfragmented(server);
        byte[] message = [.. Enumerable.Range(0, size).Select(static index => (byte)index)];
        byte[] buffer = new byte[65536];
        seen = null;
        DateTime end = DateTime.UtcNow + (isExpected ? Patience : Silence);

        // The first packets of a conversation may be lost while addresses are looked for.
        while (DateTime.UtcNow < end)
        {
            if (!TrySend(client, message, new IPEndPoint(target, Port)) || !TryReceive(server, buffer, Again, out int length, out IPEndPoint? sender) || length != size)
                continue;
            seen = sender!.Address;
            if (TrySend(server, buffer.AsSpan(0, length), sender) && TryReceive(client, buffer, Again, out length, out _) && buffer.AsSpan(0, length).SequenceEqual(message))
                return true;
        }

        return false;
    }

    /// <summary>As the other.</summary>
    public static bool Reaches(NetworkNamespace from, NetworkNamespace to, string address, int size = 64, bool isExpected = true) =>
        Reaches(from, to, address, size, out _, isExpected);

    /// <summary>Which of the listeners get a datagram that is sent to many.</summary>
    /// <param name="from">Who sends.</param>
    /// <param name="group">A broadcast or multicast address.</param>
    /// <param name="listeners">Who listens, each on its <c>eth0</c>.</param>
    public static bool[] ReachesMany(NetworkNamespace from, string group, params NetworkNamespace[] listeners)
    {
        IPAddress target = IPAddress.Parse(group);
        Socket[] sockets = [.. listeners.Select(listener => listener.Run(() => Listening(target)))];
        using Socket client = from.Run(() => Bound(target.AddressFamily, port: 0));
        client.EnableBroadcast = target.AddressFamily == AddressFamily.InterNetwork;
        if (IsMulticast(target))
            from.Run(() => SetInterface(client, target));
        byte[] buffer = new byte[2048];
        bool[] heard = new bool[listeners.Length];
        for (DateTime end = DateTime.UtcNow + Patience; DateTime.UtcNow < end && !heard.All(static each => each);)
        {
            TrySend(client, "to all"u8, new IPEndPoint(target, Port));
            for (int index = 0; index < sockets.Length; index++)
                heard[index] |= TryReceive(sockets[index], buffer, heard[index] ? TimeSpan.Zero : Again, out _, out _);
        }

        foreach (Socket socket in sockets)
            socket.Dispose();
        return heard;
    }

    private static Socket Bound(AddressFamily family, int port = Port)
    {
        Socket socket = new(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        return socket;
    }

    private static Socket Listening(IPAddress group)
    {
        Socket socket = Bound(group.AddressFamily);
        if (!IsMulticast(group))
            return socket;
        int index = Index();
        if (group.AddressFamily == AddressFamily.InterNetworkV6)
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, index));
        else
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, index));
        return socket;
    }

    private static void SetInterface(Socket socket, IPAddress group)
    {
        if (group.AddressFamily == AddressFamily.InterNetworkV6)
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, Index());
        else
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(Index()));
    }

    private static int Index()
    {
        using KernelNetwork network = new();
        return network.Links.Get("eth0").Index;
    }

    private static bool IsMulticast(IPAddress address) => address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240);

    private static void Unfragmented(Socket socket)
    {
        bool version6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        socket.SetRawSocketOption(version6 ? 41 : 0, version6 ? DontFragment6 : DontFragment, BitConverter.GetBytes(Always));
    }

    private static bool TrySend(Socket socket, ReadOnlySpan<byte> message, IPEndPoint to)
    {
        try
        {
            return socket.SendTo(message, to) == message.Length;
        }
        catch (SocketException)
        {
            // No way there yet, or an address that is still being made sure of (IPv6): nothing comes either until then, so this waits for it.
            TryReceive(socket, new byte[64], Again, out _, out _);
            return false;
        }
    }

    private static bool TryReceive(Socket socket, byte[] buffer, TimeSpan patience, out int length, out IPEndPoint? from)
    {
        length = 0;
        from = null;
        try
        {
            if (!socket.Poll(patience, SelectMode.SelectRead))
                return false;
            EndPoint sender = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
            length = socket.ReceiveFrom(buffer, ref sender);
            from = (IPEndPoint)sender;
            return true;
        }
        catch (SocketException)
        {
            return false; // an earlier datagram was refused
        }
    }
}
