using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>A stock Debian kernel boots to a shell, and people see it from outside as they would under Xen.</summary>
public sealed partial class BootTests(BootedGuest booted) : IClassFixture<BootedGuest>
{
    private const string Name = BootedGuest.Name;

    private readonly Appliance _appliance = booted.Appliance;

    [Fact]
    public void The_guest_knows_that_it_runs_under_Xen()
    {
        string console = _appliance.Console(Name);
        console.Should().Contain("tour: hypervisor: xen\n");
        console.Should().MatchRegex(@"tour: kernel: Linux guest \S+-cloud-amd64 ").And.MatchRegex(@"tour: processor: \S").And.MatchRegex(@"tour: free memory: \d+ kB");
        console.Should().Contain("Hypervisor detected: Xen HVM").And.Contain("Booting kernel on Xen PVH");
    }

    [Fact]
    public void The_kernel_complains_about_nothing()
    {
        string[] bad = [.. _appliance.Console(Name).Split('\n').Where(static line => Complaint().IsMatch(line))];
        bad.Should().BeEmpty();
    }

    [Fact]
    public async Task List_shows_it_in_Xens_columns()
    {
        string[] lines = (await _appliance.XmAsync("list")).Succeeded().Lines;
        lines[0].Should().Be("Name                                      ID Mem(MiB) VCPUs State   Time(s)");
        lines.Should().ContainSingle(line => Regex.IsMatch(line, @"^guest1 {35} {0,2}\d+ {6}256 {5}1 [r-][b-]---- +\d+\.\d$", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .And.ContainSingle(static line => line.StartsWith("Domain-0 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vcpu_list_shows_its_vcpu()
    {
        string[] lines = (await _appliance.XmAsync("vcpu-list", Name)).Succeeded().Lines;
        lines.Should().HaveCount(2);
        lines[0].Should().Be("Name                                ID  VCPU   CPU State   Time(s) CPU Affinity");
        lines[1].Should().MatchRegex(@"^guest1 {26} +\d+ +0 +[\d-]+ +[r-][b-]- +\d+\.\d any cpu$");
    }

    [Fact]
    public async Task Names_and_numbers_lead_to_each_other()
    {
        (await _appliance.XmAsync("domname", $"{booted.Domid}")).Succeeded().Output.Should().Be($"{Name}\n");
        (await _appliance.XmAsync("list", "--long", Name)).Succeeded().Output.Should().StartWith("(domain\n").And.Contain($"(domid {booted.Domid})").And.Contain($"(name {Name})");
        (await _appliance.XmAsync("uptime", Name)).Succeeded().Lines[1].Should().MatchRegex(@"^guest1 +\d+ +0:\d\d:\d\d$");
    }

    [Fact]
    public async Task A_console_replays_what_was_said_and_takes_what_is_typed()
    {
        using ConsoleWatcher first = new(_appliance, booted.Domid);
        using ConsoleWatcher second = new(_appliance, booted.Domid);
        await first.SeesAsync("hospes: init is up");
        await second.SeesAsync("hospes: init is up");
        await first.TypeAsync("echo product=$((6 * 7))\n");
        await first.SeesAsync("product=42");
        await second.SeesAsync("product=42");
    }

    [Fact]
    public async Task The_shell_has_job_control()
    {
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);
        // A process of its own says that it runs: typed earlier, Ctrl-C would meet the shell's line editor.
        await watcher.TypeAsync("sh -c 'echo running=$((1 + 1)); sleep 1000'\n");
        await watcher.SeesAsync("running=2");
        await watcher.TypeAsync("\x03");
        await watcher.TypeAsync("echo interrupted=$((2 + 2))\n");
        await watcher.SeesAsync("interrupted=4");
    }

    [SkippableFact]
    public async Task Debians_tools_show_its_part_of_the_store()
    {
        string home = $"/local/domain/{booted.Domid}";
        (await _appliance.XenstoreAsync("xenstore-read", "-s", $"{home}/name")).Succeeded().Output.Should().Be($"{Name}\n");
        (await _appliance.XenstoreAsync("xenstore-read", "-s", $"{home}/memory/target")).Succeeded().Output.Should().Be("262144\n");
        (await _appliance.XenstoreAsync("xenstore-ls", "-s", home)).Succeeded().Output.Should().Contain("console = ").And.Contain("store = ");
        string vm = (await _appliance.XenstoreAsync("xenstore-read", "-s", $"{home}/vm")).Succeeded().Output.Trim();
        (await _appliance.XenstoreAsync("xenstore-read", "-s", $"{vm}/name")).Succeeded().Output.Should().Be($"{Name}\n");
    }

    [Fact]
    public async Task Sysrq_reaches_the_kernel()
    {
        (await _appliance.XmAsync("sysrq", Name, "h")).Succeeded();
        await _appliance.ConsoleSaysAsync(Name, "sysrq: HELP");
    }

    [Fact]
    public async Task Perf_shows_what_its_engine_does()
    {
        string[] lines = (await _appliance.HostAsync("perf", Name, "--interval", "0.3")).Succeeded().Lines;
        lines[0].Should().MatchRegex($@"^guest1 \(domain {booted.Domid}\), rates over \d+\.\d s$");
        lines[1].Should().MatchRegex(@"^  code +\d+\.\d of 64\.0 MiB \(\d+ %\)$");
        lines.Should().ContainSingle(static line => Regex.IsMatch(line, @"^  blocks-compiled +[1-9][\d,]+ +[\d,]+\.\d$", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .And.Contain(static line => Regex.IsMatch(line, @"^    Mov_cr_r64 +[1-9][\d,]* +[\d,]+\.\d$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        JsonNode all = JsonNode.Parse((await _appliance.HostAsync("perf", "--json", "--interval", "0")).Succeeded().Output)!;
        all.AsArray().Should().ContainSingle();
        ((string)all[0]!["name"]!).Should().Be(Name);
        JsonNode counters = all[0]!["counters"]!;
        ((long)counters["code-used"]!).Should().BeInRange(1, (long)counters["code-reserved"]!);
        foreach (string name in (string[])["exit/memory", "exit/handler", "exit/indirect", "tlb-fills", "page-walks", "blocks-decoded", "handler/Mov_cr_r64"])
            ((long)counters[name]!).Should().BePositive(name);
    }

    [Fact]
    public async Task Perf_says_what_is_wrong_with_a_question()
    {
        (await _appliance.HostAsync("perf", "nobody")).Failed("Domain 'nobody' does not exist.");
        (await _appliance.HostAsync("perf", "0")).Failed("no engine runs it");
        (await _appliance.HostAsync("perf", Name, "--interval", "soon")).Status.Should().Be(2);
        (await _appliance.HostAsync("perf", "--help")).Succeeded().Output.Should().StartWith("Usage: perf [DOMAIN]");
    }

    [Fact]
    public async Task A_paused_guest_says_nothing_until_it_is_unpaused()
    {
        (await _appliance.XmAsync("pause", Name)).Succeeded();
        (await _appliance.XmAsync("list", Name)).Succeeded().Lines[1].Should().MatchRegex(@" [r-][b-]p--- ");
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);
        await watcher.TypeAsync("echo awake=$((3 * 3))\n");
        (await _appliance.XmAsync("unpause", Name)).Succeeded();
        await watcher.SeesAsync("awake=9");
        (await _appliance.XmAsync("list", Name)).Succeeded().Lines[1].Should().NotMatchRegex(@" [r-][b-]p--- ");
    }

    [Fact]
    public async Task A_guest_gives_memory_back_and_takes_it_again()
    {
        try
        {
            (await _appliance.XmAsync("mem-set", Name, "160")).Succeeded();
            await ListShowsMemoryAsync("160");
            await GuestHasLessThanAsync(160);
        }
        finally
        {
            (await _appliance.XmAsync("mem-set", Name, "256")).Succeeded();
        }

        await ListShowsMemoryAsync("256");
    }

    [Fact]
    public async Task A_renamed_guest_is_found_by_its_new_name_only()
    {
        (await _appliance.XmAsync("rename", Name, "other")).Succeeded();
        (await _appliance.XmAsync("domid", "other")).Succeeded().Output.Should().Be($"{booted.Domid}\n");
        (await _appliance.XmAsync("domid", Name)).Failed($"Domain '{Name}' does not exist.");
        (await _appliance.XmAsync("rename", "other", Name)).Succeeded();
    }

    [Fact]
    public async Task Its_name_cannot_be_taken_twice()
    {
        (await _appliance.XmAsync("create", _appliance.Write(new GuestConfiguration(Name)))).Failed($"VM name '{Name}' already exists as domain {booted.Domid}");
        (await _appliance.GuestsAsync()).Should().Equal(Name);
    }

    [GeneratedRegex(@"\bBUG\b|WARNING: CPU|Oops|Call Trace|unhandled page fault|unexpected hypercall|soft lockup|rcu_\w+ (?:self-)?detected stall", RegexOptions.None, 1000)]
    private static partial Regex Complaint();

    private async Task ListShowsMemoryAsync(string mib)
    {
        string line = (await _appliance.XmAsync("list", Name)).Succeeded().Lines[1];
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].Should().Be(mib);
    }

    // The balloon driver works in the background: its answer is a MemTotal that shrinks.
    private async Task GuestHasLessThanAsync(int mib)
    {
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);
        await watcher.TypeAsync($"until [ $(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo) -lt {mib * 1024} ]; do sleep 1; done; echo small=$((5 * 5))\n");
        await watcher.SeesAsync("small=25");
    }
}
