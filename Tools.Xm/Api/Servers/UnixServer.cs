using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hospes.Xm.Api.Servers;

/// <summary>A Unix socket of xend on this machine.</summary>
internal sealed class UnixServer(string socketPath) : XendServer
{
    public override bool IsLocal => true;

    public override ServerConnection Connect()
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
            return SocketConnection.Of(socket);
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
