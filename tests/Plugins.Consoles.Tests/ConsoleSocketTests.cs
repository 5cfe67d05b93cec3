using System.Net.Sockets;
using Hospes.Consoles.Socket;
using Hospes.Sdk.Consoles;
using NetSocket = System.Net.Sockets.Socket;

namespace Hospes.Consoles;

public sealed class ConsoleSocketTests : IDisposable
{
    private readonly ConsoleFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Only_the_owner_can_attach()
    {
        _fixture.Open();
        File.GetUnixFileMode(_fixture.SocketPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_socket_left_by_a_crash_is_replaced()
    {
        // A hard link keeps the name alive when the socket that made it is closed, as a killed process does.
        string made = _fixture.SocketPath + ".made";
        using (var crashed = new NetSocket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            crashed.Bind(new UnixDomainSocketEndPoint(made));
            File.Move(made, _fixture.SocketPath);
        }
        FileKind.IsSocket(_fixture.SocketPath).Should().BeTrue("the leftover is there");

        _fixture.Open().Write("hi"u8);
        ConsoleFixture.Receive(_fixture.Attach(), 2).Should().Be("hi");
    }

    [Fact]
    public void A_console_in_use_is_left_alone()
    {
        IConsole first = _fixture.Open();
        first.Write("mine"u8);
        _fixture.Invoking(f => f.Open()).Should().Throw<IOException>().WithMessage($"*'demo'*{_fixture.SocketPath}*another process*");
        ConsoleFixture.Receive(_fixture.Attach(), 4).Should().Be("mine");
    }

    [Theory]
    [InlineData("file")]
    [InlineData("folder")]
    [InlineData("link")]
    public void Something_else_of_that_name_is_left_alone_and_named(string kind)
    {
        switch (kind)
        {
            case "file":
                File.WriteAllText(_fixture.SocketPath, "precious");
                break;
            case "folder":
                Directory.CreateDirectory(_fixture.SocketPath);
                break;
            default:
                File.CreateSymbolicLink(_fixture.SocketPath, Path.Combine(_fixture.Folder, "elsewhere"));
                break;
        }
        _fixture.Invoking(f => f.Open()).Should().Throw<IOException>().WithMessage($"*{_fixture.SocketPath}*not a socket*");
        FileKind.IsSocket(_fixture.SocketPath).Should().BeFalse("it is still what it was");
    }

    [Fact]
    public void A_path_too_long_for_a_socket_says_so()
    {
        var settings = new ConsoleSettings("demo", Path.Combine(_fixture.Folder, new string('x', 120)), null, 0);
        new SocketConsoleBackend().Invoking(b => b.Open(settings)).Should().Throw<IOException>().WithMessage("*bytes*107*shorter root*");
    }

    [Fact]
    public void A_missing_folder_is_named_and_the_log_is_not_left_open()
    {
        string path = Path.Combine(_fixture.Folder, "absent", "console.sock");
        new SocketConsoleBackend().Invoking(b => b.Open(new ConsoleSettings("demo", path, _fixture.LogPath, 0)))
            .Should().Throw<IOException>().WithMessage($"*'demo'*{path}*");
    }

    [Fact]
    public void A_log_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Path.Combine(_fixture.Folder, "log"), "in the way");
        _fixture.Invoking(f => f.Open(log: true)).Should().Throw<IOException>().WithMessage($"*'demo'*{_fixture.LogPath}*");
        File.Exists(_fixture.SocketPath).Should().BeFalse("nothing is left behind");
    }

    [Fact]
    public void The_folder_may_be_gone_when_the_console_ends()
    {
        string folder = Path.Combine(_fixture.Folder, "run");
        Directory.CreateDirectory(folder);
        IConsole console = new SocketConsoleBackend().Open(new ConsoleSettings("demo", Path.Combine(folder, "c.sock"), null, 0));
        Directory.Delete(folder, recursive: true);
        console.Invoking(c => c.Dispose()).Should().NotThrow();
    }
}
