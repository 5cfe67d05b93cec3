using System.Net;
using System.Net.Sockets;
using Hospes.Host.Native;
using Hospes.Host.Startup.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Hospes.Host.Api.Listeners;

/// <summary>
/// Where xend listens (fact sheet "xend", section 3). Each connection carries by which interface it came. TCP only where the configuration says so.
/// </summary>
internal sealed class ApiListeners(HostPaths paths, XendConfiguration configuration, SocketAccess access)
{
    /// <summary>Connections that wait to be accepted: as many as Linux lets (net.core.somaxconn), for somebody may open a thousand at once.</summary>
    public const int Backlog = 4096;

    private const int MostConnections = 4096;

    /// <summary>How long a client may take for the head of its request.</summary>
    private static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(10);

    /// <summary>The Unix sockets that are open, for removing them at the end.</summary>
    public IEnumerable<string> Sockets
    {
        get
        {
            yield return paths.ApiSocket;
            if (configuration.Flag(XendParameters.UnixXmlRpcServer))
                yield return paths.XmlRpcSocket;
            if (configuration.Flag(XendParameters.UnixServer))
                yield return UnixPath;
        }
    }

    private string UnixPath => paths.Below(configuration.Text(XendParameters.UnixPath));

    /// <summary>By which interface a request has come.</summary>
    public static ApiInterface InterfaceOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(typeof(ApiInterface), out object? way) == true ? (ApiInterface)way! : ApiInterface.Socket;

    /// <summary>Has the server listen.</summary>
    /// <exception cref="XendException">An address is not this machine's.</exception>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = ApiContext.MaximumReceived;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.RequestHeadersTimeout = HeadLimit;
        access.Open(paths.Run);
        kestrel.ListenUnixSocket(paths.ApiSocket);
        if (configuration.Flag(XendParameters.UnixXmlRpcServer))
            kestrel.ListenUnixSocket(paths.XmlRpcSocket, static listen => Mark(listen, ApiInterface.XmlRpc));
        if (configuration.Flag(XendParameters.UnixServer))
            kestrel.ListenUnixSocket(UnixPath, static listen => Mark(listen, ApiInterface.Http));
        if (configuration.Flag(XendParameters.HttpServer))
            Tcp(kestrel, XendParameters.HttpAddress, XendParameters.HttpPort, ApiInterface.Http);
        if (configuration.Flag(XendParameters.TcpXmlRpcServer))
            Tcp(kestrel, XendParameters.TcpXmlRpcAddress, XendParameters.TcpXmlRpcPort, ApiInterface.XmlRpc, ServerCertificate.Read(paths, configuration));
    }

    /// <summary>Makes the socket that listens on an endpoint.</summary>
    public Socket Listen(EndPoint endpoint)
    {
        if (endpoint is not UnixDomainSocketEndPoint)
            return Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets.SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        string path = endpoint.ToString()!;
        Socket socket = OwnerOnlySocket.Listen(path, Backlog);
        try
        {
            access.Admit(path);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Tcp(KestrelServerOptions kestrel, XendParameter address, XendParameter port, ApiInterface way, ServerCertificate? certificate = null)
    {
        int number = configuration.Number(port);
        switch (configuration.Text(address))
        {
            case "":
                kestrel.ListenAnyIP(number, Listen);
                break;
            case "localhost":
                kestrel.Listen(IPAddress.Loopback, number, Listen);
                break;
            case var one:
                kestrel.Listen(IPAddress.Parse(one), number, Listen);
                break;
        }

        void Listen(ListenOptions listen)
        {
            Mark(listen, way);
            certificate?.Encrypt(listen);
        }
    }

    private static void Mark(ListenOptions listen, ApiInterface way)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Items[typeof(ApiInterface)] = way;
            return next(connection);
        });
    }
}
