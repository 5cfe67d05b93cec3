using System.Diagnostics;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>The script for people.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hospes-it-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_demo_tours_by_itself_and_leaves_nothing()
    {
        Answer demo = (await RunAsync("demo", "--script")).Succeeded();
        demo.Output.Should().Contain("hypervisor: xen\n").And.Contain("kernel: Linux demo ").And.MatchRegex(@"free memory: \d+ kB")
            .And.Contain("$ xm list\n").And.Contain("$ xm vcpu-list demo\n").And.Contain("Domain demo terminated\nAll domains terminated\n");
        demo.Error.Should().Contain("no process is left");
        Directory.EnumerateFileSystemEntries(Path.Combine(_root, "var/run/xend/domains")).Should().BeEmpty();
    }

    [Fact]
    public async Task Up_and_down_can_be_repeated()
    {
        (await RunAsync("status")).Status.Should().Be(3);
        (await RunAsync("up")).Succeeded();
        (await RunAsync("up")).Succeeded();
        (await RunAsync("xm", "list")).Succeeded().Output.Should().Contain("Domain-0");
        (await RunAsync("status")).Succeeded();
        (await RunAsync("down")).Succeeded();
        (await RunAsync("down")).Succeeded();
        (await RunAsync("status")).Status.Should().Be(3);
    }

    [Fact]
    public async Task Plugins_are_named_with_their_state()
    {
        Answer plugins = (await RunAsync("plugins")).Succeeded();
        plugins.Output.Should().Contain("translator").And.Contain("round-robin").And.Contain("socket");
    }

    [Fact]
    public async Task Help_names_every_verb_and_a_wrong_one_is_refused()
    {
        Answer help = (await RunAsync("help")).Succeeded();
        foreach (string verb in (string[])["demo", "up", "down", "setup", "build", "test", "bench", "perf", "plugins", "xm", "xend", "help"])
            help.Output.Should().Contain($"\n  {verb} ");
        (await RunAsync("dmeo")).Failed("There is no verb 'dmeo'.");
    }

    [Fact]
    public async Task A_root_too_long_for_sockets_is_refused()
    {
        ProcessStartInfo command = Command("up");
        command.Environment["HOSPES_ROOT"] = Path.Combine(_root, new string('x', 90));
        (await Program.RunAsync(command)).Failed("is too long");
    }

    private Task<Answer> RunAsync(params IEnumerable<string> words) => Program.RunAsync(Command(words), TimeSpan.FromMinutes(5));

    private ProcessStartInfo Command(params IEnumerable<string> words)
    {
        ProcessStartInfo command = Program.Command(Tree.Script, words);
        command.Environment["HOSPES_ROOT"] = _root;
        return command;
    }
}
