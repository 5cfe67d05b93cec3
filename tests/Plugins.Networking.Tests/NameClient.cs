using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.TestKit.Networking;

namespace Hospes.Networking.Tests;

/// <summary>Asks a name server from a guest (RFC 1035).</summary>
internal sealed class NameClient
{
    private readonly Socket _socket;

    internal NameClient(TestGuest guest, string server) => _socket = guest.Namespace.Run(() =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Connect(new IPEndPoint(IPAddress.Parse(server), 53));
        return socket;
    });

    internal (int Code, string? Answer) Ask(string name, ushort type = 1)
    {
        Send(name, type);
        return Receive();
    }

    internal void Send(string name, ushort type)
    {
        List<byte> query = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (string label in name.Split('.'))
            query.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        query.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        _socket.Send([.. query]);
    }

    internal (int Code, string? Answer) Receive()
    {
        byte[] answer = new byte[512];
        int length = _socket.Receive(answer);
        answer.Should().StartWith([0x12, 0x34]);
        (answer[2] & 0x80).Should().Be(0x80);
        int code = answer[3] & 15;
        if (BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6)) == 0)
            return (code, null);
        int at = 12;
        while (answer[at] != 0)
            at += answer[at] + 1;
        at += 5; // the question's end
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at + 2));
        ReadOnlySpan<byte> data = answer.AsSpan(at + 12, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at + 10)));
        (at + 12 + data.Length).Should().Be(length);
        if (type == 1)
            return (code, new IPAddress(data).ToString());
        List<string> labels = [];
        for (int label = 0; data[label] != 0; label += data[label] + 1)
            labels.Add(Encoding.ASCII.GetString(data.Slice(label + 1, data[label])));
        return (code, string.Join('.', labels));
    }
}
