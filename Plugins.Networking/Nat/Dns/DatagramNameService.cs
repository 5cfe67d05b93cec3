using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat.Dns;

/// <summary>Serves names on one interface, a datagram for each question. A question that waits for others does not hold up the next.</summary>
internal sealed class DatagramNameService : DatagramLoop
{
    private readonly NameResolver _resolver;

    internal DatagramNameService(Socket socket, NameResolver resolver, string name, ILogger log)
        : base(socket, name, log)
    {
        _resolver = resolver;
        Begin();
    }

    protected override ValueTask ReceivedAsync(ReadOnlyMemory<byte> datagram, IPEndPoint from)
    {
        _ = AnswerAsync(datagram.ToArray(), from);
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync(byte[] query, IPEndPoint from)
    {
        try
        {
            if (await _resolver.ResolveAsync(query, ProtocolType.Udp, CancellationToken.None).ConfigureAwait(false) is { } answer)
                await Socket.SendToAsync(answer, SocketFlags.None, from).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The guest, or its interface; it asks again if it is still there.
        }
    }
}
