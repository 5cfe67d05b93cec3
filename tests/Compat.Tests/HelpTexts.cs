using Hospes.Xm.Fakes;

namespace Hospes.Compat.Tests;

/// <summary>Layouts of help (fact sheet "xm", section 1.1).</summary>
public sealed class HelpTexts : IDisposable
{
    private const string Head = "Usage: xm <subcommand> [args]\n\nControl, list, and manipulate Xen guest instances.\n\n";

    private const string Footer =
        "\n<Domain> can either be the Domain Name or Id.\n"
        + "For more help on 'xm' see the xm(1) man page.\n"
        + "For more help on 'xm create' see the xmdomain.cfg(5)  man page.\n";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void Short_help()
    {
        XmRun bare = _xm.Run();
        bare.ExitCode.Should().Be(1);
        bare.Error.Should().BeEmpty();
        bare.Out.Should().StartWith(Head + "Common 'xm' commands:\n\n").And.EndWith(Footer + "For a complete list of subcommands run 'xm help --long'.\n");
        Names(bare.Out).Should().Equal(
            "console", "create", "delete", "destroy", "dump-core", "help", "list", "mem-set", "new", "pause", "reboot", "shell", "shutdown", "start", "top", "unpause",
            "uptime", "vcpu-set");

        _xm.Run("help").Should().Be(bare with { ExitCode = 0 });
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help", "--long")]
    public void Long_help(params string[] arguments)
    {
        XmRun run = _xm.Run(arguments);
        run.ExitCode.Should().Be(0);
        run.Out.Should().StartWith(Head + "xm full list of subcommands:\n\n").And.EndWith(Footer);
        Names(run.Out).Should().Equal(
            "console", "create", "new", "delete", "destroy", "domid", "domname", "dump-core", "help", "list", "mem-max", "mem-set", "pause", "reboot", "rename",
            "shutdown", "start", "sysrq", "top", "trigger", "unpause", "uptime", "vcpu-list", "vcpu-pin", "vcpu-set", "debug-keys", "dmesg", "info", "log", "serve", "sched-credit", "sched-sedf",
            "block-attach", "block-detach", "block-list", "block-configure", "network-attach", "network-detach", "network-list",
            "labels", "addlabel", "rmlabel", "getlabel", "dry-run", "resources", "makepolicy", "loadpolicy", "cfgbootpolicy", "dumppolicy", "activatepolicy", "setpolicy", "getpolicy", "resetpolicy",
            "ezpolicy", "refinelabel", "shell", "event-monitor", "completion");
    }

    [Fact]
    public void Lines_of_the_list_are_padded_and_wrapped()
    {
        string[] lines = _xm.Run("help", "--long").Out.Split('\n');
        lines.Should().Contain($" {"destroy",-20} {"Stop a domain at once, as if its power were cut.",-50}");
        int pause = Array.FindIndex(lines, line => line.StartsWith(" pause ", StringComparison.Ordinal));
        lines[pause].Should().Be($" {"pause",-20} {"Stop the clock of a domain: it keeps its memory",-50}");
        lines[pause + 1].Should().Be(new string(' ', 22) + "and runs nothing.");
    }

    [Fact]
    public void Help_of_a_command()
    {
        const string text =
            "Usage: xm list [-l|--long] [--label] [--state=STATE] [Domain ...]\n\n"
            + "List domains: all, or those named.\n"
            + "  -l, --long                     Output all details in SXP                  \n"
            + "  --label                        Show the domains' security labels          \n"
            + "  --state=STATE                  Only domains in this state: all, running,  \n"
            + "                                 paused, halted or suspended\n"
            + "  --json                         Output as JSON                             \n"
            + "  -v, --vcpus                    Deprecated: use xm vcpu-list               \n"
            + "\n";
        _xm.Run("help", "list").Should().Be(new XmRun(0, text, ""));
        _xm.Run("list", "--help").Should().Be(new XmRun(1, text, ""));
        _xm.Run("list", "demo", "-h").Should().Be(new XmRun(1, text, ""));
        _xm.Run("help", "li").Should().Be(new XmRun(0, text, ""));
        _xm.Run("help", "nonsense").Should().Be(new XmRun(1, "", "Error: Subcommand nonsense not found!\n"));
    }

    [Fact]
    public void A_command_without_arguments_has_no_space_at_the_end_of_its_usage() =>
        _xm.Run("help", "log").Out.Should().Be("Usage: xm log\n\nShow the log of xend.\n\n");

    private static IEnumerable<string> Names(string help) => help.Split('\n')
        .Where(line => line.Length > 1 && line[0] == ' ' && line[1] != ' ').Select(line => line.Split(' ')[1]);
}
