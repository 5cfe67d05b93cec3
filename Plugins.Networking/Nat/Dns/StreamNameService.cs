using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat.Dns;

/// <summary>Serves names on one interface over connections (RFC 7766), for answers too long for a datagram. One connection at a time, one limit for each.</summary>
internal sealed class StreamNameService : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Socket _listener;
    private readonly NameResolver _resolver;
    private readonly string _interface;
    private readonly ILogger _log;
    private volatile bool _isClosed;

    internal StreamNameService(Socket bound, NameResolver resolver, string name, ILogger log)
    {
        _listener = bound;
        _resolver = resolver;
        _interface = name;
        _log = log;
        bound.Listen(4);
        _ = AcceptAsync();
    }

    public void Dispose()
    {
        _isClosed = true;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_isClosed)
        {
            try
            {
                using Socket connection = await _listener.AcceptAsync().ConfigureAwait(false);
                using CancellationTokenSource limit = new(Limit);
                await ServeAsync(connection, limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                _log.LogDebug(failure, "{Interface}: a connection for names has broken", _interface);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket connection, CancellationToken cancellation)
    {
        await using NetworkStream stream = new(connection, ownsSocket: false);
        byte[] length = new byte[2];
        while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) == 2)
        {
            byte[] query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(query, cancellation).ConfigureAwait(false);
            if (await _resolver.ResolveAsync(query, ProtocolType.Tcp, cancellation).ConfigureAwait(false) is not { } answer)
                return;
            byte[] framed = new byte[2 + answer.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
            answer.CopyTo(framed, 2);
            await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);
        }
    }
}
