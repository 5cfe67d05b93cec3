using System.Globalization;
using System.Text.RegularExpressions;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>A stock Debian kernel with several vCPUs, and vCPUs that come and go while it runs.</summary>
public sealed partial class SmpTests(SmpGuest booted) : IClassFixture<SmpGuest>
{
    private const string Name = SmpGuest.Name;

    private readonly Appliance _appliance = booted.Appliance;

    [Fact]
    public async Task The_guest_has_the_vcpus_it_was_given_and_room_for_more()
    {
        await GuestUsesAsync(2);
        string[][] rows = await VcpusAsync();
        rows.Should().HaveCount(4);
        rows[0][3].Should().MatchRegex("^[0-9]+$");
        rows[0][4].Should().MatchRegex("^[r-][b-]-$");
        rows[1][4].Should().MatchRegex("^[r-][b-]-$");
        rows[2][3..5].Should().Equal("-", "--p");
        rows[3][3..5].Should().Equal("-", "--p");
        rows.Should().AllSatisfy(static row => double.Parse(row[5], CultureInfo.InvariantCulture).Should().BeInRange(0, 600));
        _appliance.Console(Name).Should().Contain("smp: Brought up 1 node, 4 CPUs");
    }

    [Fact]
    public async Task Vcpus_are_one_package_of_cores()
    {
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);
        await watcher.TypeAsync("echo packages=$(sort -u /sys/devices/system/cpu/cpu?/topology/physical_package_id | wc -l) cores=$(cat /sys/devices/system/cpu/cpu1/topology/core_id)\n");
        await watcher.SeesAsync("packages=1 cores=1");
    }

    [Fact]
    public async Task Vcpus_come_and_go_while_it_runs()
    {
        try
        {
            foreach (int count in (int[])[4, 1, 3])
            {
                (await _appliance.XmAsync("vcpu-set", Name, $"{count}")).Succeeded().Output.Should().BeEmpty();
                await GuestUsesAsync(count);
                await ShowsAsync(count);
            }
        }
        finally
        {
            (await _appliance.XmAsync("vcpu-set", Name, "2")).Succeeded();
        }

        await GuestUsesAsync(2);
        await ShowsAsync(2);
        (await VcpusAsync()).Count(static row => row[4] != "--p").Should().Be(2);
    }

    [SkippableFact]
    public async Task The_store_has_each_vcpus_availability()
    {
        string[] states = await Task.WhenAll(Enumerable.Range(0, 4).Select(async vcpu =>
            (await _appliance.XenstoreAsync("xenstore-read", "-s", $"/local/domain/{booted.Domid}/cpu/{vcpu}/availability")).Succeeded().Output.Trim()));
        states.Should().Equal("online", "online", "offline", "offline");
    }

    [Theory]
    [InlineData("5", "Domain 'smp' was created with room for 4 VCPUs; 5 need 'maxvcpus' in its configuration.")]
    [InlineData("0", "Invalid VCPUs")]
    public async Task A_number_that_cannot_be_is_refused(string count, string error) => (await _appliance.XmAsync("vcpu-set", Name, count)).Failed(error);

    [Fact]
    public void The_kernel_complains_about_nothing()
    {
        string[] bad = [.. _appliance.Console(Name).Split('\n').Where(static line => Complaint().IsMatch(line))];
        bad.Should().BeEmpty();
    }

    [Fact]
    public async Task Work_on_all_vcpus_comes_to_its_end()
    {
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);
        await watcher.TypeAsync("for i in 1 2 3 4; do (dd if=/dev/zero bs=64k count=32 2>/dev/null | sha256sum; for j in 1 2 3 4 5 6 7 8; do /bin/busybox true; done) & done | sort -u | wc -l | sed 's/^/sums=/'\n");
        await watcher.SeesAsync("sums=1");
    }

    [Fact]
    public async Task Eight_vcpus_boot_and_shut_down()
    {
        await _appliance.BootAsync(new GuestConfiguration("eight") { Extra = "hospes.tour", More = "vcpus = 8" }, "hospes: tour is over");
        _appliance.Console("eight").Should().Contain("smp: Brought up 1 node, 8 CPUs");
        (await _appliance.XmAsync("shutdown", "-w", "eight")).Succeeded();
        (await _appliance.GuestsAsync()).Should().Equal(Name);
    }

    [GeneratedRegex(@"\bBUG\b|WARNING: CPU|Oops|Call Trace|soft lockup|rcu_\w+ (?:self-)?detected stall", RegexOptions.None, 1000)]
    private static partial Regex Complaint();

    // The kernel takes vCPUs up and down in its own time.
    private async Task GuestUsesAsync(int count)
    {
        using ConsoleWatcher watcher = new(_appliance, booted.Domid);

        // The console shows what was said before, too.
        Guid question = Guid.NewGuid();
        await watcher.TypeAsync($"until [ $(nproc) = {count} ]; do usleep 50000; done; echo {question}=$(({count} + 100))\n");
        await watcher.SeesAsync($"{question}={count + 100}");
    }

    // A vCPU is no longer used by the kernel a moment before it has halted for good.
    private async Task ShowsAsync(int count) => await Eventually.HoldsAsync(
        $"xm list shows {count} vCPUs", () => ShownAsync().GetAwaiter().GetResult() == count, TimeSpan.FromSeconds(10), () => _appliance.Console(Name));

    private async Task<string[][]> VcpusAsync() =>
        [.. (await _appliance.XmAsync("vcpu-list", Name)).Succeeded().Lines.Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private async Task<int> ShownAsync() =>
        int.Parse((await _appliance.XmAsync("list", Name)).Succeeded().Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
}
