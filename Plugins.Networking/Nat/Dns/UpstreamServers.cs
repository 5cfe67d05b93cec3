using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Hospes.Linux.Networking;

namespace Hospes.Networking.Nat.Dns;

/// <summary>
/// The name servers that this machine asks. Each question goes out of a socket of its own, connected to the server, so that only that server's answer, to
/// that question's number and port, is taken.
/// </summary>
internal sealed class UpstreamServers(string? namespacePath, IReadOnlyList<IPAddress>? servers)
{
    private const string Configuration = "/etc/resolv.conf";
    private const int NamePort = 53;
    private const int MostServers = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);


    /// <summary>Asks one server after the other; null: none has answered.</summary>
    internal async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> query, ProtocolType protocol, CancellationToken cancellation)
    {
        foreach (IPAddress server in servers ?? Configured())
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            try
            {
                using Socket socket = Open(server.AddressFamily, protocol);
                await socket.ConnectAsync(new IPEndPoint(server, NamePort), limit.Token).ConfigureAwait(false);
                return protocol == ProtocolType.Udp
                    ? await DatagramAsync(socket, query, limit.Token).ConfigureAwait(false)
                    : await StreamAsync(socket, query, limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // The next one.
            }
        }

        return null;
    }

    private Socket Open(AddressFamily family, ProtocolType protocol)
    {
        SocketType type = protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream;
        if (namespacePath is null)
            return new Socket(family, type, protocol);
        using NetworkNamespace inside = NetworkNamespace.Open(namespacePath);
        return inside.Run(() => new Socket(family, type, protocol));
    }

    private static async Task<byte[]> DatagramAsync(Socket socket, ReadOnlyMemory<byte> query, CancellationToken cancellation)
    {
        await socket.SendAsync(query, SocketFlags.None, cancellation).ConfigureAwait(false);
        byte[] buffer = new byte[4096];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation).ConfigureAwait(false);
            if (length >= NameQuestion.HeaderSize && buffer.AsSpan(0, 2).SequenceEqual(query.Span[..2]))
                return buffer[..length];
        }
    }

    private static async Task<byte[]> StreamAsync(Socket socket, ReadOnlyMemory<byte> query, CancellationToken cancellation)
    {
        await using NetworkStream stream = new(socket, ownsSocket: false);
        byte[] framed = new byte[2 + query.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.Span.CopyTo(framed.AsSpan(2));
        await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellation).ConfigureAwait(false);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellation).ConfigureAwait(false);
        return answer;
    }

    // Read for each question: the machine may have moved to another network meanwhile.
    private static IEnumerable<IPAddress> Configured()
    {
        if (!File.Exists(Configuration))
            return [];
        return File.ReadLines(Configuration)
            .Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(static words => words.Length >= 2 && words[0] == "nameserver")
            .Select(static words => IPAddress.TryParse(words[1], out IPAddress? address) ? address : null)
            .OfType<IPAddress>().Take(MostServers);
    }
}
