using System.Net.Sockets;
using System.Runtime.Versioning;
using Hospes.Host.Xenstore.Tests.Support;

namespace Hospes.Host.Xenstore.Tests;

public sealed class SocketTests
{
    [Fact]
    public async Task The_sockets_are_for_their_owner_and_go_with_the_server()
    {
        var directory = Directory.CreateTempSubdirectory("hospes-xs-");
        string run = Path.Combine(directory.FullName, "var/run/xenstored");
        await using (var server = new XenstoreServer())
        {
            server.Start(run);
            File.GetUnixFileMode(Path.Combine(run, "socket")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.Combine(run, "socket_ro")).Should().Be(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        Directory.GetFiles(run).Should().BeEmpty();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_second_server_is_refused_and_the_first_unharmed()
    {
        await using var store = new Store();
        var client = store.Socket();
        await using var second = new XenstoreServer();
        var start = () => second.Start(store.Directory.FullName);
        start.Should().Throw<IOException>().WithMessage("*another server is listening on*socket*");
        await client.Write("/a", "v");
        (await store.Socket().Read("/a")).Should().Be("v");
    }

    [Fact]
    public async Task The_sockets_of_a_dead_server_are_taken_over()
    {
        await using var store = new Store();
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // .NET removes the file of a socket it closes, by name; under another name it stays, as a killed process leaves it.
            string name = Path.Combine(store.Directory.FullName, "dying");
            dead.Bind(new UnixDomainSocketEndPoint(name));
            File.Move(name, store.SocketPath);
        }

        File.Exists(store.SocketPath).Should().BeTrue();
        store.Server.Start(store.Directory.FullName);
        await store.Socket().Write("/a", "v");
    }

    [Fact]
    public async Task A_directory_too_deep_for_a_socket_is_named()
    {
        await using var store = new Store();
        string deep = Path.Combine(store.Directory.FullName, new string('d', 120));
        var start = () => store.Server.Start(deep);
        start.Should().Throw<IOException>().WithMessage("*too long for a Unix socket*shorter path*");
    }

    [Fact]
    public async Task Stopping_the_server_ends_every_connection()
    {
        await using var store = new Store();
        var tool = store.Socket();
        var guest = store.Domain(5);
        await tool.Watch("/", "t");
        await guest.Write("x", "");
        (await tool.NextEvent()).Should().Be("/local/domain/5/x t");
        await store.Server.DisposeAsync();
        (await tool.Receive()).Should().BeNull();
        (await guest.Receive()).Should().BeNull();
        var late = () => store.Ring(6);
        late.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_closed_client_leaves_no_watch_behind()
    {
        await using var store = new Store();
        for (int i = 0; i < 50; i++)
        {
            using var client = store.Socket();
            await client.Watch("/", $"{i}");
        }

        await store.Socket().Write("/a", "v");
    }
}
