using System.Net.Sockets;

namespace Hospes.Xm.Api.Servers;

/// <summary>Connections that are sockets.</summary>
internal static class SocketConnection
{
    /// <summary>Makes one of a connected socket, which it owns.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="over">What the bytes go through on the way, if anything does.</param>
    public static ServerConnection Of(Socket socket, Func<Stream, Stream>? over = null)
    {
        NetworkStream stream = new(socket, ownsSocket: true);
        return new ServerConnection(over?.Invoke(stream) ?? stream, () => Abort(socket));
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The request ended meanwhile: nothing is left to give up.
        }
    }
}
