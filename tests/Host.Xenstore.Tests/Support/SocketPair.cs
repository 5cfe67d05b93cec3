using System.Net.Sockets;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>Two connected Unix sockets, as the Host makes one pair per domain.</summary>
internal static class SocketPair
{
    public static (Socket Ours, Socket Theirs) Create()
    {
        // A leading NUL: Linux's abstract names, which need no file.
        var address = new UnixDomainSocketEndPoint($"\0hospes-xenstore-test-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen(1);
        var ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ours.Connect(address);
        return (ours, listener.Accept());
    }
}
