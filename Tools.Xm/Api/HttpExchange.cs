using System.Net.Sockets;
using System.Text;
using Hospes.Xm.Api.Servers;

namespace Hospes.Xm.Api;

/// <summary>
/// HTTP/1.1, one connection per request. The framework's HttpClient does the same and more, but to load and start it takes about as long as everything
/// else that xm does.
/// </summary>
internal sealed class HttpExchange(XendServer server)
{
    private const int MaximumReply = 256 << 20;
    private volatile ServerConnection? _current;

    /// <summary>Sends a request and waits for the whole reply, however long that takes.</summary>
    /// <exception cref="XendUnreachableException">Nobody listens.</exception>
    /// <exception cref="MalformedReplyException">What came back is not a reply.</exception>
    public HttpReply Send(string method, string path, string? contentType = null, ReadOnlyMemory<byte> body = default)
    {
        using ServerConnection connection = server.Connect();
        _current = connection;
        try
        {
            string head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: xm\r\nConnection: close\r\n"
                + (contentType is null ? "" : $"Content-Type: {contentType}\r\n")
                + (method == "GET" ? "\r\n" : $"Content-Length: {body.Length}\r\n\r\n");
            connection.Stream.Write([.. Encoding.ASCII.GetBytes(head), .. body.Span]);
            ReadOnlySpan<byte> received = Receive(connection.Stream);
            if (received.IsEmpty && connection.Explanation() is { } reason)
                throw new XendUnreachableException(reason, accessDenied: false);
            return HttpReply.Parse(received);
        }
        catch (IOException failure)
        {
            if (connection.Explanation() is { } reason)
                throw new XendUnreachableException(reason, accessDenied: false, failure);
            throw new MalformedReplyException($"ProtocolError(0, {(failure.InnerException as SocketException)?.Message ?? failure.Message}).");
        }
        finally
        {
            _current = null;
        }
    }

    /// <summary>Sends a request whose answer goes on for as long as both sides want, and hands it on line by line.</summary>
    /// <exception cref="XendUnreachableException">Nobody listens.</exception>
    /// <exception cref="MalformedReplyException">What came back is not such an answer.</exception>
    public void Follow(string path, Action<string> line)
    {
        using ServerConnection connection = server.Connect();

        // Of HTTP/1.0, so that the answer comes as it is and ends with the connection.
        connection.Stream.Write(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: localhost\r\nUser-Agent: xm\r\n\r\n"));
        using StreamReader reader = new(connection.Stream, Encoding.UTF8);
        string? status = reader.ReadLine();
        if (status is null && connection.Explanation() is { } reason)
            throw new XendUnreachableException(reason, accessDenied: false);
        if (status is null || !status.Contains(" 200 ", StringComparison.Ordinal))
            throw new MalformedReplyException($"ProtocolError(0, {status}).");
        while (reader.ReadLine() is { Length: > 0 })
        {
            // The rest of the head says nothing that matters here.
        }

        while (reader.ReadLine() is { } text)
            line(text);
    }

    /// <summary>Gives up a request that another thread is waiting for; that thread sees a reply that ends too early.</summary>
    public void Abort() => _current?.Abort();

    private static ReadOnlySpan<byte> Receive(Stream stream)
    {
        byte[] buffer = new byte[16384];
        int length = 0;
        while (true)
        {
            int count = stream.Read(buffer.AsSpan(length));
            if (count == 0)
                return buffer.AsSpan(0, length);
            length += count;
            if (length > MaximumReply)
                throw new MalformedReplyException($"ProtocolError(0, the reply is larger than {MaximumReply >> 20} MiB).");
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }
    }
}
