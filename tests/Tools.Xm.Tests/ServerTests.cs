using System.Net;
using System.Net.Sockets;
using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>The ways to xend that XM_SERVER and xm-config.xml name.</summary>
public sealed class ServerTests : IDisposable
{
    private const string Guest = """{"domid":1,"name":"web","uuid":"u","memoryMiB":1,"maximumMemoryMiB":1,"vcpus":1,"onlineVcpus":1,"state":"-b----","cpuTime":0,"startTime":0,"restartCount":0}""";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void A_port()
    {
        _xm.Xend.HasDomains(Guest);
        _xm.Xend.Answer("GET /v1/domains/web/console", """{"socket":"/there"}""");
        using TcpRelay relay = new(Path.Combine(_xm.Directory, "var/run/xend/xend.sock"));
        _xm.Variables["XM_SERVER"] = $"http://127.0.0.1:{relay.Port}/";

        _xm.Run("domid", "web").Should().Be(new XmRun(0, "1\n", ""));
        _xm.Run("console", "web").Error.Should().Contain("cannot be opened from here: run 'xm console web' on the machine where it is");
    }

    [Fact]
    public void A_port_where_nobody_listens()
    {
        using TcpRelay relay = new("/nowhere");
        int port = relay.Port;
        relay.Dispose();
        _xm.Variables["XM_SERVER"] = $"http://127.0.0.1:{port}/";

        _xm.Run("list").Should().Be(new XmRun(1, "", $"Error: Unable to connect to xend: 127.0.0.1:{port}: Connection refused. Is xend running?\n"));
    }

    [Fact]
    public void A_machine_by_ssh()
    {
        // Stands for ssh: shows how it was called, and runs what the other machine would, on an xend of its own.
        string other = Path.Combine(_xm.Directory, "other");
        using FakeXend xend = new(Path.Combine(other, "var/run/xend/xmlrpc.sock"));
        xend.HasDomains(Guest);
        xend.Answer("GET /v1/domains/web/console", """{"socket":"/there"}""");
        string arguments = Path.Combine(_xm.Directory, "arguments");
        Ssh($"echo \"$@\" >'{arguments}'; exec '{Path.Combine(AppContext.BaseDirectory, "Hospes.Tools.Xm")}' --root '{other}' serve");
        _xm.Variables["XM_SERVER"] = "ssh://root@other:2222/";

        _xm.Run("domid", "web").Should().Be(new XmRun(0, "1\n", ""));
        File.ReadAllText(arguments).Should().Be("-T -p 2222 root@other xm serve\n");
        _xm.Run("console", "web").Error.Should().Contain("run 'ssh -t -p 2222 root@other xm console web'");
    }

    [Fact]
    public void Ssh_that_fails_says_why()
    {
        Ssh("echo 'Permission denied (publickey).' >&2; exit 255");
        _xm.Variables["XM_SERVER"] = "ssh://other/";

        _xm.Run("list").Should().Be(new XmRun(1, "", "Error: Unable to connect to xend: other: Permission denied (publickey).. Is xend running?\n"));
    }

    [Theory]
    [InlineData("ssh://-oProxyCommand=x/")]
    [InlineData("ssh:///")]
    [InlineData("http:///")]
    [InlineData("http://host/RPC2")]
    [InlineData("https")]
    public void Addresses_that_are_none(string address)
    {
        _xm.Variables["XM_SERVER"] = address;
        _xm.Run("list").Error.Should().Be(
            $"Error: XM_SERVER is '{address}'. It can be httpu:///path/of/socket, http://host:port/, https://host:port/ or ssh://[user@]host/.\n");
    }

    [Fact]
    public void The_configuration_file_names_a_server()
    {
        string away = Path.Combine(_xm.Directory, "away.sock");
        using FakeXend other = new(away);
        other.HasDomains(Guest);
        _xm.Write("etc/xen/xm-config.xml", $"<xm><server type='LegacyXMLRPC' uri='httpu://{away}' username='' password=''/></xm>");
        _xm.Run("domid", "web").Should().Be(new XmRun(0, "1\n", ""));

        _xm.Variables["XM_CONFIG_FILE"] = _xm.Write("mine.xml", $"<xm><server type='SOAP' uri='httpu://{away}'/></xm>");
        _xm.Run("domid", "web").Should().Be(new XmRun(0, "1\n", "Invalid server type SOAP; using LegacyXMLRPC.\n"));

        _xm.Write("mine.xml", "<xm><server type='Xen-API'/></xm>");
        _xm.Run("list").Error.Should().Contain("asks for the Xen-API, which xend does not speak here");

        _xm.Variables["XM_SERVER"] = "httpu://" + away;
        _xm.Run("domid", "web").Out.Should().Be("1\n", "the environment goes before the file");
    }

    [Fact]
    public void A_configuration_file_that_is_broken_is_ignored()
    {
        _xm.Xend.HasDomains(Guest);
        string file = _xm.Write("etc/xen/xm-config.xml", "<xm><server uri='httpu:///nowhere'>");
        _xm.Run("domid", "web").Should().Be(new XmRun(0, "1\n", $"Ignoring invalid configuration file {file}.\n"));
    }

    private void Ssh(string script)
    {
        string program = _xm.Write("bin/ssh", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _xm.Variables["PATH"] = Path.GetDirectoryName(program)!;
    }

    /// <summary>A port of the loopback behind which a Unix socket is.</summary>
    private sealed class TcpRelay : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly string _path;

        public TcpRelay(string path)
        {
            _path = path;
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = ServeAsync();
        }

        public int Port { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            while (true)
            {
                Socket client;
                try
                {
                    client = await _listener.AcceptSocketAsync();
                }
                catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }

                _ = RelayAsync(client);
            }
        }

        private async Task RelayAsync(Socket client)
        {
            using NetworkStream near = new(client, ownsSocket: true);
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path));
            using NetworkStream far = new(socket, ownsSocket: true);
            Task up = near.CopyToAsync(far);
            await far.CopyToAsync(near);
            client.Shutdown(SocketShutdown.Send);
            await up;
        }
    }
}
