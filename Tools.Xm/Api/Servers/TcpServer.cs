using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace Hospes.Xm.Api.Servers;

/// <summary>A port of xend: that of <c>xend-http-server</c>, or of <c>xend-tcp-xmlrpc-server</c>, which may be encrypted.</summary>
internal sealed class TcpServer(string host, int port, bool isEncrypted) : XendServer
{
    public override ServerConnection Connect()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(host, port);
            return SocketConnection.Of(socket, isEncrypted ? Encrypt : null);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new XendUnreachableException(
                $"{host}:{port}: {(failure.SocketErrorCode == SocketError.HostNotFound ? failure.Message : Marshal.GetPInvokeErrorMessage(failure.NativeErrorCode))}", false, failure);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            socket.Dispose();
            throw new XendUnreachableException($"{host}:{port}: {refused.Message}", false, refused);
        }
    }

    // Whom this machine trusts decides (SSL_CERT_FILE and SSL_CERT_DIR name others).
    private SslStream Encrypt(Stream plain)
    {
        SslStream encrypted = new(plain);
        encrypted.AuthenticateAsClient(host);
        return encrypted;
    }
}
