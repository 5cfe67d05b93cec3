using System.Net.Sockets;
using System.Text;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Native;

public sealed class ProcessStarterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_process_has_its_own_session_its_output_in_a_file_and_only_the_descriptors_named()
    {
        (Socket ours, Socket theirs) = SocketPair.Create();
        using (ours)
        using (theirs)
        using (File.OpenHandle(_directory.File("not inherited"), FileMode.Create, FileAccess.Write))
        using (ProcessHandle process = Start(
            "echo through >&3; read pid name state parent group session rest </proc/self/stat; [ $session = $pid ] && echo own session; ls /proc/self/fd | tr '\\n' ' '; echo error >&2; exit 3",
            (int)theirs.SafeHandle.DangerousGetHandle()))
        {
            (await process.Exited.WaitAsync(Patience)).Should().Be("exited with status 3");
            byte[] buffer = new byte[64];
            Encoding.ASCII.GetString(buffer, 0, ours.Receive(buffer)).Should().Be("through\n");
            string output = await File.ReadAllTextAsync(_directory.File("log"));
            output.Should().Contain("own session").And.Contain("error");

            // 0 to 3, and the one by which ls reads the directory.
            output.Should().MatchRegex(@"(?m)^0 1 2 3 \d+ error");
        }
    }

    [Fact]
    public async Task A_killed_process_says_by_what()
    {
        using ProcessHandle process = Start("exec sleep 600");
        process.Signal(Libc.SignalKill);
        (await process.Exited.WaitAsync(Patience)).Should().Be("was ended by signal 9");
        process.Signal(Libc.SignalKill); // nothing to hit any more
    }

    [Fact]
    public async Task A_process_that_is_not_ours_can_be_watched_too()
    {
        using ProcessHandle parent = Start("sleep 600 & echo $!; wait");
        string log = _directory.File("log");
        int pid = await Eventually.Value(() => int.TryParse(File.ReadAllText(log), out int number) ? number : (int?)null);
        using ProcessHandle grandchild = ProcessHandle.TryOpen(pid)!;
        grandchild.Signal(Libc.SignalKill);
        (await grandchild.Exited.WaitAsync(Patience)).Should().Be("ended");
        await parent.Exited.WaitAsync(Patience);
    }

    [Fact]
    public void A_process_that_is_not_there_cannot_be_opened() => ProcessHandle.TryOpen(0x3fffff).Should().BeNull();

    [Fact]
    public void An_executable_that_is_not_there_is_named() =>
        FluentActions.Invoking(() => ProcessStarter.Start(new ProcessStart("/nowhere/program", ["program"], _directory.File("log"))))
            .Should().Throw<IOException>().WithMessage("*/nowhere/program*No such file*");

    [Fact]
    public async Task Variables_can_be_set_and_removed()
    {
        Environment.SetEnvironmentVariable("HOSPES_TEST_REMOVED", "still here");
        ProcessStart start = new("/bin/sh", ["sh", "-c", "echo $HOSPES_TEST_SET-$HOSPES_TEST_REMOVED-"], _directory.File("log"))
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOSPES_TEST_SET"] = "set", ["HOSPES_TEST_REMOVED"] = null },
        };
        using ProcessHandle process = ProcessStarter.Start(start);
        await process.Exited.WaitAsync(Patience);
        (await File.ReadAllTextAsync(_directory.File("log"))).Should().Be("set--\n");
    }

    private ProcessHandle Start(string script, params int[] inherited) =>
        ProcessStarter.Start(new ProcessStart("/bin/sh", ["sh", "-c", script], _directory.File("log")) { Inherited = inherited });
}
