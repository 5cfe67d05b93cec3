using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat;

/// <summary>Receives datagrams of guests until its socket is closed, and answers some of them.</summary>
internal abstract class DatagramLoop : IDisposable
{
    private const int LargestDatagram = 2048;

    private readonly string _interface;
    private readonly ILogger _log;
    private volatile bool _isClosed;

    protected DatagramLoop(Socket socket, string name, ILogger log)
    {
        Socket = socket;
        _interface = name;
        _log = log;
    }

    protected Socket Socket { get; }

    /// <summary>Starts to listen; the derived class is complete.</summary>
    protected void Begin() => _ = ListenAsync();

    /// <summary>Deals with a datagram; its bytes are valid until the answer's first pause.</summary>
    protected abstract ValueTask ReceivedAsync(ReadOnlyMemory<byte> datagram, IPEndPoint from);

    public void Dispose()
    {
        _isClosed = true;
        Socket.Dispose();
    }

    private async Task ListenAsync()
    {
        byte[] buffer = new byte[LargestDatagram];
        IPEndPoint any = new(IPAddress.Any, 0);
        while (!_isClosed)
        {
            try
            {
                SocketReceiveFromResult received = await Socket.ReceiveFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
                await ReceivedAsync(buffer.AsMemory(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                if (_isClosed || failure is ObjectDisposedException)
                    return;

                // An interface that is down at the moment, an address that does not answer: the next datagram may fare better.
                _log.LogDebug(failure, "{Interface}: a datagram could not be answered", _interface);
                await Task.Delay(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
            }
        }
    }
}
