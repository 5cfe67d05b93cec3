using System.Net.Sockets;
using System.Text;
using Hospes.Consoles.Socket;
using Hospes.Sdk.Consoles;
using NetSocket = System.Net.Sockets.Socket;

namespace Hospes.Consoles;

public sealed class SocketConsoleTests : IDisposable
{
    private readonly ConsoleFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void History_comes_first_and_then_what_follows()
    {
        IConsole console = _fixture.Open();
        console.Write("early "u8);
        NetSocket watcher = _fixture.Attach();
        ConsoleFixture.Receive(watcher, 6).Should().Be("early ");
        console.Write("late"u8);
        ConsoleFixture.Receive(watcher, 4).Should().Be("late");
    }

    [Fact]
    public void Only_the_latest_output_is_kept()
    {
        IConsole console = _fixture.Open(history: 8);
        console.Write("0123456789"u8);
        console.Write("ab"u8);
        NetSocket watcher = _fixture.Attach();
        ConsoleFixture.Receive(watcher, 8).Should().Be("456789ab");
        console.Write("!"u8);
        ConsoleFixture.Receive(watcher, 1).Should().Be("!", "nothing was sent twice or left between");
    }

    [Fact]
    public void Without_history_only_new_output_is_seen()
    {
        IConsole console = _fixture.Open(history: 0);
        console.Write("gone"u8);
        NetSocket watcher = _fixture.Attach();
        watcher.Send("x"u8);
        ConsoleFixture.TakeTyped(console, 1).Should().Be("x", "then it is attached");
        console.Write("new"u8);
        ConsoleFixture.Receive(watcher, 3).Should().Be("new");
    }

    [Fact]
    public void Every_watcher_sees_the_same_and_may_type()
    {
        IConsole console = _fixture.Open();
        console.Write("> "u8);
        NetSocket first = _fixture.Attach();
        NetSocket second = _fixture.Attach();
        ConsoleFixture.Receive(first, 2).Should().Be("> ");
        ConsoleFixture.Receive(second, 2).Should().Be("> ");

        first.Send("ls"u8);
        ConsoleFixture.TakeTyped(console, 2).Should().Be("ls");
        second.Send("\n"u8);
        ConsoleFixture.TakeTyped(console, 1).Should().Be("\n");

        console.Write("ok"u8);
        ConsoleFixture.Receive(first, 2).Should().Be("ok");
        ConsoleFixture.Receive(second, 2).Should().Be("ok");
    }

    [Fact]
    public void A_watcher_that_does_not_read_is_dropped_and_the_others_lose_nothing()
    {
        IConsole console = _fixture.Open(history: 0);
        NetSocket slow = _fixture.Attach();
        NetSocket good = _fixture.Attach();
        slow.Send("s"u8);
        good.Send("g"u8);
        ConsoleFixture.TakeTyped(console, 2);

        byte[] chunk = Encoding.ASCII.GetBytes(new string('x', 1024));
        // Beyond what the slow watcher's queue and its kernel socket buffer can hold together.
        for (int sent = 0; sent < SocketConsole.SlackBytes * 8; sent += chunk.Length)
        {
            console.Write(chunk);
            ConsoleFixture.Receive(good, chunk.Length).Should().NotBeEmpty();
        }

        byte[] buffer = new byte[1 << 16];
        var drain = () =>
        {
            while (slow.Receive(buffer) > 0)
            {
            }
            throw new EndOfStreamException();
        };
        drain.Should().Throw<Exception>("its connection has ended").Which.Should().Match(e => e is EndOfStreamException || ((SocketException)e).SocketErrorCode == SocketError.ConnectionReset);
    }

    [Fact]
    public void Typing_beyond_the_limit_is_refused_with_a_bell_and_what_was_taken_stays_in_order()
    {
        IConsole console = _fixture.Open(history: 0);
        NetSocket watcher = _fixture.Attach();
        byte[] much = Enumerable.Range(0, InputQueue.Capacity + 100).Select(i => (byte)('a' + (i % 26))).ToArray();
        watcher.Send(much);
        ConsoleFixture.Receive(watcher, 1).Should().Be("\a");
        string taken = ConsoleFixture.TakeTyped(console, InputQueue.Capacity);
        taken.Should().Be(Encoding.ASCII.GetString(much, 0, InputQueue.Capacity));
        console.Read(new byte[10]).Should().Be(0);
    }

    [Fact]
    public void Output_is_appended_to_the_log_which_only_the_owner_can_read()
    {
        using (IConsole console = _fixture.Open(log: true))
            console.Write("one "u8);
        using (IConsole console = _fixture.Open(log: true))
            console.Write("two"u8);
        File.ReadAllText(_fixture.LogPath).Should().Be("one two");
        File.GetUnixFileMode(_fixture.LogPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [SkippableFact]
    public void A_full_disk_costs_the_log_and_not_the_guest()
    {
        Skip.IfNot(File.Exists("/dev/full"), "/dev/full is needed to play a full disk");
        using IConsole console = new SocketConsoleBackend().Open(new ConsoleSettings("demo", _fixture.SocketPath, "/dev/full", 100));
        console.Write("hello"u8);
        ConsoleFixture.Receive(_fixture.Attach(), 5).Should().Be("hello");
    }

    [Fact]
    public void The_end_sends_the_last_words_closes_connections_and_removes_the_socket()
    {
        IConsole console = _fixture.Open();
        NetSocket watcher = _fixture.Attach();
        watcher.Send("x"u8);
        ConsoleFixture.TakeTyped(console, 1);
        console.Write("reboot: Power down\n"u8);
        console.Dispose();
        ConsoleFixture.Receive(watcher, 19).Should().Be("reboot: Power down\n");
        watcher.Receive(new byte[1]).Should().Be(0);
        File.Exists(_fixture.SocketPath).Should().BeFalse();
        console.Write("nobody is there"u8);
        console.Dispose();
    }

    [Fact]
    public void A_person_who_leaves_makes_room_for_another()
    {
        IConsole console = _fixture.Open();
        console.Write("#"u8);
        for (int visit = 0; visit < SocketConsole.MostWatchers * 2; visit++)
        {
            NetSocket watcher = _fixture.Attach();
            watcher.Send("x"u8);
            ConsoleFixture.Receive(watcher, 1).Should().Be("#");
            ConsoleFixture.TakeTyped(console, 1).Should().Be("x");
            watcher.Shutdown(SocketShutdown.Send);
            watcher.Receive(new byte[1]).Should().Be(0, "the console has let go of this person");
        }
    }

    [Fact]
    public async Task Output_from_several_threads_reaches_history_and_watcher_alike()
    {
        const int Threads = 4;
        const int Lines = 500;
        IConsole console = _fixture.Open(history: Threads * Lines * 8);
        NetSocket watcher = _fixture.Attach();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int line = 0; line < Lines; line++)
                console.Write(Encoding.ASCII.GetBytes($"{thread}:{line:0000}\n"));
        })));
        string live = ConsoleFixture.Receive(watcher, Threads * Lines * 7);
        string replayed = ConsoleFixture.Receive(_fixture.Attach(), live.Length);
        replayed.Should().Be(live);
        live.Split('\n').Where(line => line.StartsWith("2:", StringComparison.Ordinal)).Should().BeInAscendingOrder(StringComparer.Ordinal).And.HaveCount(Lines);
    }

    [Fact]
    public void A_log_that_has_grown_is_set_aside_and_one_older_one_is_kept()
    {
        foreach (string text in (string[])["first", "second", "third"])
        {
            using ConsoleLog log = ConsoleLog.Open("demo", _fixture.LogPath, limit: 5);
            log.Write(Encoding.ASCII.GetBytes(text));
        }

        File.ReadAllText(_fixture.LogPath).Should().Be("third");
        File.ReadAllText(_fixture.LogPath + ".1").Should().Be("second");
        File.GetUnixFileMode(_fixture.LogPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(_fixture.LogPath)!).Should().HaveCount(2);
    }

    [Fact]
    public void A_log_that_cannot_be_set_aside_is_not_lost()
    {
        Directory.CreateDirectory(Path.Combine(_fixture.LogPath + ".1", "full"));
        using (ConsoleLog log = ConsoleLog.Open("demo", _fixture.LogPath, limit: 1))
            log.Write("one"u8);
        using (ConsoleLog log = ConsoleLog.Open("demo", _fixture.LogPath, limit: 1))
            log.Write("two"u8);
        File.ReadAllText(_fixture.LogPath).Should().Be("onetwo");
    }
}
