using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Hospes.Xm.Api;

/// <summary>
/// HTTP/1.1 over a Unix socket, one connection per request. The framework's HttpClient does the same and more, but to load
/// and start it takes about as long as everything else that xm does.
/// </summary>
internal sealed class UnixHttpClient(string socketPath)
{
    private const int MaximumReply = 256 << 20;
    private volatile Socket? _current;

    /// <summary>Sends a request and waits for the whole reply, however long that takes.</summary>
    /// <exception cref="XendUnreachableException">Nobody listens.</exception>
    /// <exception cref="MalformedReplyException">What came back is not a reply.</exception>
    public HttpReply Send(string method, string path, string? contentType = null, ReadOnlyMemory<byte> body = default)
    {
        using Socket socket = Connect();
        _current = socket;
        try
        {
            string head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: xm\r\nConnection: close\r\n"
                + (contentType is null ? "" : $"Content-Type: {contentType}\r\n")
                + (method == "GET" ? "\r\n" : $"Content-Length: {body.Length}\r\n\r\n");
            byte[] request = [.. Encoding.ASCII.GetBytes(head), .. body.Span];
            for (int sent = 0; sent < request.Length;)
                sent += socket.Send(request.AsSpan(sent));
            return HttpReply.Parse(Receive(socket));
        }
        catch (SocketException failure)
        {
            throw new MalformedReplyException($"ProtocolError(0, {failure.Message}).");
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
        using Socket socket = Connect();
        using NetworkStream stream = new(socket);

        // Of HTTP/1.0, so that the answer comes as it is and ends with the connection.
        stream.Write(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: localhost\r\nUser-Agent: xm\r\n\r\n"));
        using StreamReader reader = new(stream, Encoding.UTF8);
        string status = reader.ReadLine() ?? "";
        if (!status.Contains(" 200 ", StringComparison.Ordinal))
            throw new MalformedReplyException($"ProtocolError(0, {status}).");
        while (reader.ReadLine() is { Length: > 0 })
        {
            // The rest of the head says nothing that matters here.
        }

        while (reader.ReadLine() is { } text)
            line(text);
    }

    /// <summary>Gives up a request that another thread is waiting for; that thread sees a reply that ends too early.</summary>
    public void Abort()
    {
        try
        {
            _current?.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The request ended meanwhile: nothing is left to give up.
        }
    }

    private static ReadOnlySpan<byte> Receive(Socket socket)
    {
        byte[] buffer = new byte[16384];
        int length = 0;
        while (true)
        {
            int count = socket.Receive(buffer.AsSpan(length));
            if (count == 0)
                return buffer.AsSpan(0, length);
            length += count;
            if (length > MaximumReply)
                throw new MalformedReplyException($"ProtocolError(0, the reply is larger than {MaximumReply >> 20} MiB).");
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    private Socket Connect()
    {
        UnixDomainSocketEndPoint address;
        try
        {
            address = new UnixDomainSocketEndPoint(socketPath);
        }
        catch (ArgumentOutOfRangeException tooLong)
        {
            throw new XendUnreachableException($"the path of its socket, {socketPath}, is longer than the 107 bytes that the system allows", false, tooLong);
        }

        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(address);
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            // The exception's own message adds the address, and calls a missing file an address that cannot be assigned.
            string reason = failure.SocketErrorCode == SocketError.AddressNotAvailable && !File.Exists(socketPath)
                ? "No such file or directory"
                : Marshal.GetPInvokeErrorMessage(failure.NativeErrorCode);
            throw new XendUnreachableException(reason, failure.SocketErrorCode == SocketError.AccessDenied, failure);
        }
    }
}
