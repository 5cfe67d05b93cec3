using System.Net.Sockets;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>A server of the test's own, with its sockets in a directory of its own.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly List<WireClient> _clients = [];

    public Store(XenstoreQuotas? quotas = null)
    {
        Server = new XenstoreServer(quotas);
        Host = Server.Connect();
    }

    public XenstoreServer Server { get; }

    public XenstoreClient Host { get; }

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("hospes-xs-");

    public string SocketPath => Path.Combine(Directory.FullName, "socket");

    /// <summary>A guest on its ring, with a home of its own.</summary>
    public WireClient Domain(ushort id)
    {
        string home = $"/local/domain/{id}";
        if (!Host.Exists(home))
        {
            Host.MakeDirectory(home);
            Host.SetPermissions(home, NodePermissions.OwnedBy(new DomainId(id)));
        }

        return Ring(id);
    }

    /// <summary>Only the ring.</summary>
    public WireClient Ring(ushort id)
    {
        var (ours, theirs) = SocketPair.Create();
        _ = Server.ServeDomain(new DomainId(id), theirs);
        return Keep(ours);
    }

    /// <summary>A tool in dom0, on one of the sockets.</summary>
    public WireClient Socket(string name = "socket")
    {
        if (!File.Exists(SocketPath))
            Server.Start(Directory.FullName);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(Directory.FullName, name)));
        return Keep(socket);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(recursive: true);
    }

    private WireClient Keep(Socket socket)
    {
        var client = new WireClient(socket);
        _clients.Add(client);
        return client;
    }
}
