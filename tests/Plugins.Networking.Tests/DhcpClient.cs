using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.TestKit.Networking;

namespace Hospes.Networking.Tests;

/// <summary>Asks as a guest does that has no address yet (RFC 2131).</summary>
internal sealed class DhcpClient(TestGuest guest)
{
    private uint _transaction = 0x3903f326;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    /// <summary>One message and its answer: options by number, and the address that is given.</summary>
    internal Dictionary<int, byte[]> Exchange(byte type, IPAddress? wanted, out IPAddress address)
    {
        using Socket socket = guest.Namespace.Run(() =>
        {
            Socket made = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
            made.SetRawSocketOption(1, 25, Encoding.ASCII.GetBytes("eth0")); // SO_BINDTODEVICE
            made.Bind(new IPEndPoint(IPAddress.Any, 68));
            return made;
        });
        _transaction++; // an answer to a question that was repeated before comes late
        byte[] answer = new byte[1024];
        int length = Ask(socket, Message(type, wanted), answer);
        answer[0].Should().Be(2);
        address = new IPAddress(answer.AsSpan(16, 4));
        Dictionary<int, byte[]> options = [];
        for (int at = 240; at < length && answer[at] != 255; at += 2 + answer[at + 1])
            options[answer[at]] = answer[(at + 2)..(at + 2 + answer[at + 1])];
        return options;
    }

    // A link that has just come up may still drop what is sent on it: a client asks again until it is answered.
    private int Ask(Socket socket, byte[] question, byte[] answer)
    {
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Environment.TickCount64 < end;)
        {
            socket.SendTo(question, new IPEndPoint(IPAddress.Broadcast, 67));
            while (socket.Poll(Again, SelectMode.SelectRead))
            {
                int length = socket.Receive(answer);
                if (BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(4)) == _transaction)
                    return length;
            }
        }

        throw new TimeoutException($"no DHCP server answered in {Patience.TotalSeconds:0} s");
    }

    private byte[] Message(byte type, IPAddress? wanted)
    {
        byte[] message = new byte[300];
        (message[0], message[1], message[2]) = (1, 1, 6);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), _transaction);
        guest.Mac.CopyTo(message.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(236), 0x63825363);
        byte[] options = wanted is null ? [53, 1, type, 255] : [53, 1, type, 50, 4, .. wanted.GetAddressBytes(), 255];
        options.CopyTo(message, 240);
        return message;
    }
}
