using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat.Dhcp;

/// <summary>Serves DHCP on one interface. Answers go to everybody on the wire, which is the one guest: it has no address to send them to yet.</summary>
internal sealed class DhcpService : DatagramLoop
{
    private const int ClientPort = 68;

    private readonly DhcpResponder _responder;
    private readonly byte[] _answer = new byte[DhcpResponder.LargestAnswer];

    internal DhcpService(Socket socket, DhcpResponder responder, string name, ILogger log)
        : base(socket, name, log)
    {
        _responder = responder;
        Begin();
    }

    protected override async ValueTask ReceivedAsync(ReadOnlyMemory<byte> datagram, IPEndPoint from)
    {
        int length = _responder.Answer(datagram.Span, _answer);
        if (length != 0)
            await Socket.SendToAsync(_answer.AsMemory(0, length), SocketFlags.None, new IPEndPoint(IPAddress.Broadcast, ClientPort)).ConfigureAwait(false);
    }
}
