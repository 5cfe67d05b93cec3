using System.Net.Sockets;
using System.Text;
using NetSocket = System.Net.Sockets.Socket;

namespace Hospes.Consoles.Socket;

/// <summary>Makes the listening socket, so that nobody else can attach at any moment and a leftover of a crash is no obstacle.</summary>
internal static class ConsoleSocket
{
    /// <summary>unix(7): <c>sun_path</c> has 108 bytes, one of them the terminating zero.</summary>
    private const int LongestPath = 107;

    private const int Backlog = 8;

    internal static NetSocket Listen(string domain, string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length > LongestPath)
            throw Failure(domain, path, $"the path has {length} bytes and a Unix socket's may have {LongestPath}; choose a shorter root directory");
        RemoveLeftover(domain, path);
        var socket = new NetSocket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect between bind and listen, so there is no moment in which the umask decides who may attach.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception cause) when (cause is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw Failure(domain, path, cause.Message, cause);
        }
    }

    /// <summary>Removes the socket at the console's end. Whoever removed its folder, or took the right to, has seen to the rest.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Removes the socket of a process that is no more; anything else that stands in the way is left alone and named.</summary>
    private static void RemoveLeftover(string domain, string path)
    {
        switch (FileKind.IsSocket(path))
        {
            case null:
                return;
            case false:
                throw Failure(domain, path, "something that is not a socket has this name; move it away");
        }
        using var probe = new NetSocket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException cause)
        {
            throw Failure(domain, path, cause.Message, cause);
        }
        throw Failure(domain, path, "another process serves a console there; is the domain running already?");
    }

    private static IOException Failure(string domain, string path, string why, Exception? cause = null) =>
        new($"cannot offer the console of domain '{domain}' on the socket {path}: {why}", cause);
}
