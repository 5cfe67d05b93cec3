using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.TestKit.Networking;

namespace Hospes.Networking.Tests;

/// <summary>Asks a name server from a guest (RFC 1035), as a resolver does: each question has a number, and is repeated until its answer comes.</summary>
internal sealed class NameClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly Dictionary<ushort, byte[]> _answers = [];
    private ushort _last;

    internal NameClient(TestGuest guest, string server) => _socket = guest.Namespace.Run(() =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Parse(server), 53));
        return socket;
    });

    internal (int Code, string? Answer) Ask(string name, ushort type = 1) => Receive(Send(name, type));

    /// <summary>Asks, and answers the question as it was sent, for <see cref="Receive"/>.</summary>
    internal byte[] Send(string name, ushort type)
    {
        _last++;
        List<byte> query = [(byte)(_last >> 8), (byte)_last, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (string label in name.Split('.'))
            query.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        query.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        byte[] question = [.. query];
        _socket.Send(question);
        return question;
    }

    /// <summary>Waits for the answer to a question.</summary>
    internal (int Code, string? Answer) Receive(byte[] question)
    {
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(question);
        byte[] buffer = new byte[512];
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!_answers.ContainsKey(number))
        {
            if (Environment.TickCount64 > end)
                throw new TimeoutException($"no name server answered in {Patience.TotalSeconds:0} s");
            if (_socket.Poll(Again, SelectMode.SelectRead))
                Keep(buffer[.._socket.Receive(buffer)]);
            else
                _socket.Send(question);
        }

        return Read(_answers[number]);
    }

    // One that nobody waits for any more answers a question that was repeated.
    private void Keep(byte[] answer) => _answers[BinaryPrimitives.ReadUInt16BigEndian(answer)] = answer;

    private static (int Code, string? Answer) Read(byte[] answer)
    {
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
        (at + 12 + data.Length).Should().Be(answer.Length);
        if (type == 1)
            return (code, new IPAddress(data).ToString());
        List<string> labels = [];
        for (int label = 0; data[label] != 0; label += data[label] + 1)
            labels.Add(Encoding.ASCII.GetString(data.Slice(label + 1, data[label])));
        return (code, string.Join('.', labels));
    }
}
