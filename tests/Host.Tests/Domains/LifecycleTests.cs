using System.Text;
using System.Text.Json.Nodes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

/// <summary>Domains' lives, each in a real process of its own under a real daemon; only the guests' instructions are scripted.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private static readonly byte[] PowerOff = [(byte)'S', 0, 0, 0, 0];
    private static readonly byte[] Reboot = [(byte)'S', 1, 0, 0, 0];
    private static readonly byte[] Crash = [(byte)'S', 3, 0, 0, 0];

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_domain_starts_paused_runs_when_unpaused_and_leaves_nothing_after_it_has_powered_off()
    {
        string kernel = _appliance.Kernel("hello", [.. "Phello from the guest\n\0"u8, .. PowerOff]);
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("hello", kernel));
        int domid = (int)info["domid"]!;
        ((string)info["state"]!).Should().Be("--p---");
        ((int)info["memoryMiB"]!).Should().Be(16);
        int pid = _appliance.ProcessOf(domid);
        Directory.Exists($"/proc/{pid}").Should().BeTrue();
        (await _appliance.TextAsync("v1/host/dmesg")).Should().NotContain("hello from the guest");

        await _appliance.PostAsync("v1/domains/hello/unpause");
        await _appliance.WaitForStateAsync("hello", null);
        (await _appliance.TextAsync("v1/host/dmesg")).Should().Contain($"(d{domid}) hello from the guest");
        _appliance.ShouldHaveNothingOf(domid);
        Directory.Exists($"/proc/{pid}").Should().BeFalse("the process has been reaped too");
        _appliance.Store.List("/vm").Should().ContainSingle("only dom0's is left");
    }

    [Fact]
    public async Task The_store_holds_what_the_guest_and_tools_look_for()
    {
        string kernel = _appliance.Kernel("waiting", "W"u8);
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("waiting", kernel, "(vcpus 1) (maxmem 32)"));
        int domid = (int)info["domid"]!;
        string home = $"/local/domain/{domid}";
        XenstoreProbe store = _appliance.Store;
        store.Read($"{home}/name").Should().Be("waiting");
        store.Read($"{home}/domid").Should().Be(domid.ToString());
        store.Read($"{home}/vm").Should().Be($"/vm/{info["uuid"]}");
        store.Read($"{home}/memory/target").Should().Be("16384");
        store.Read($"{home}/memory/static-max").Should().Be("32768");
        store.Read($"{home}/cpu/0/availability").Should().Be("online");
        store.Read($"{home}/console/limit").Should().Be("1048576");
        store.Read($"{home}/console/tty").Should().EndWith($"/domains/{domid}/console.sock");
        store.Read($"{home}/store/port").Should().MatchRegex("^[1-9]");
        store.Read($"{home}/console/ring-ref").Should().MatchRegex("^[1-9]");
        store.Permissions($"{home}/name").Should().Equal("n0", $"r{domid}");
        store.Permissions($"{home}/control/shutdown").Should().Equal($"n{domid}");
        store.Permissions($"/vm/{info["uuid"]}/uuid").Should().Equal("n0", $"r{domid}");
        store.Permissions($"/vm/{info["uuid"]}/name").Should().Equal("n0");
        store.Read($"/vm/{info["uuid"]}/on_crash").Should().Be("restart");
    }

    [Fact]
    public async Task A_domain_that_uses_its_cpu_can_be_paused_and_destroyed()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("busy", _appliance.Kernel("busy", "L"u8)));
        int domid = (int)info["domid"]!;
        await _appliance.PostAsync("v1/domains/busy/unpause");
        await _appliance.WaitForStateAsync("busy", "r-----");
        await _appliance.PostAsync("v1/domains/busy/pause");
        (await _appliance.StateAsync("busy")).Should().Be("--p---");
        JsonNode vcpu = (await _appliance.GetAsync("v1/domains/busy/vcpus")).AsArray().Should().ContainSingle().Subject!;
        ((bool)vcpu["running"]!).Should().BeFalse();
        ((double)vcpu["cpuTime"]!).Should().BePositive();
        await _appliance.PostAsync("v1/domains/busy/unpause");
        await _appliance.WaitForStateAsync("busy", "r-----");
        await _appliance.PostAsync("v1/domains/busy/destroy");
        (await _appliance.StateAsync("busy")).Should().BeNull();
        _appliance.ShouldHaveNothingOf(domid);
    }

    [Fact]
    public async Task A_waiting_guest_is_blocked_and_uses_no_cpu()
    {
        await _appliance.CreateAsync(Appliance.Form("idle", _appliance.Kernel("idle", "W"u8)));
        await _appliance.PostAsync("v1/domains/idle/unpause");
        await _appliance.WaitForStateAsync("idle", "-b----");
    }

    [Fact]
    public async Task A_preserved_domain_stays_until_it_is_destroyed()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("kept", _appliance.Kernel("kept", PowerOff), "(on_poweroff preserve)"));
        int domid = (int)info["domid"]!;
        await _appliance.PostAsync("v1/domains/kept/unpause");
        await _appliance.WaitForStateAsync("kept", "---s--");
        _appliance.Store.Read($"/local/domain/{domid}/xend/shutdown_completed").Should().Be("True");
        await FluentActions.Invoking(() => _appliance.PostAsync("v1/domains/kept/shutdown")).Should().ThrowAsync<FaultException>()
            .WithMessage("Domain cannot be shutdown");
        await FluentActions.Invoking(() => _appliance.PostAsync("v1/domains/kept/unpause")).Should().ThrowAsync<FaultException>()
            .WithMessage("Domain 'kept' is not started");
        await _appliance.PostAsync($"v1/domains/{domid}/destroy");
        _appliance.ShouldHaveNothingOf(domid);
    }

    [Fact]
    public async Task A_guest_that_reboots_is_started_again_once_and_not_for_ever()
    {
        JsonNode first = await _appliance.CreateAsync(Appliance.Form("loop", _appliance.Kernel("loop", Reboot)));
        await _appliance.PostAsync("v1/domains/loop/unpause");
        await _appliance.WaitForStateAsync("loop", null);
        string log = await _appliance.TextAsync("v1/host/log");
        log.Should().Contain($"domain loop ({(int)first["domid"]! + 1}) has been restarted");
        log.Should().MatchRegex(@"ERROR \(DomainLifecycle:\d+\) domain loop \(\d+\) has stopped again within 20 s");
        _appliance.ShouldHaveNothingOf((int)first["domid"]!);
        _appliance.ShouldHaveNothingOf((int)first["domid"]! + 1);
    }

    [Fact]
    public async Task A_restarted_domain_keeps_name_and_identity_and_counts()
    {
        // The first life ends by a kill; the second waits.
        JsonNode first = await _appliance.CreateAsync(Appliance.Form("phoenix", _appliance.Kernel("phoenix", "W"u8), "(on_crash restart)"));
        await _appliance.PostAsync("v1/domains/phoenix/unpause");
        Kill((int)first["domid"]!);
        await Eventually.True(
            () => _appliance.GetAsync("v1/domains/phoenix").GetAwaiter().GetResult() is var now && (int)now["restartCount"]! == 1, "a restart");
        JsonNode second = await _appliance.GetAsync("v1/domains/phoenix");
        ((string)second["uuid"]!).Should().Be((string)first["uuid"]!);
        ((int)second["domid"]!).Should().Be((int)first["domid"]! + 1);
        await _appliance.WaitForStateAsync("phoenix", "-b----");
        _appliance.Store.Read($"/vm/{second["uuid"]}/xend/restart_count").Should().Be("1");
        _appliance.Store.Read($"/vm/{second["uuid"]}/xend/owner").Should().Be(second["domid"]!.ToString());
    }

    [Theory]
    [InlineData("a crash by its own word", "S\u0003\0\0\0")]
    [InlineData("an engine that gives up", "F")]
    [InlineData("an engine that throws", "X")]
    [InlineData("a process that ends itself", "K")]
    public async Task Every_way_to_crash_is_a_crashed_domain(string way, string script)
    {
        byte[] code = Encoding.ASCII.GetBytes(script);
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("crashing", _appliance.Kernel("crashing", code), "(on_crash preserve)"));
        await _appliance.PostAsync("v1/domains/crashing/unpause");
        await _appliance.WaitForStateAsync("crashing", "----c-");
        (await _appliance.TextAsync("v1/host/log")).Should().Contain($"Domain has crashed: name=crashing id={info["domid"]}.", way);
        await _appliance.PostAsync("v1/domains/crashing/destroy");
        _appliance.ShouldHaveNothingOf((int)info["domid"]!);
    }

    [Fact]
    public async Task A_killed_process_harms_no_other_domain()
    {
        JsonNode other = await _appliance.CreateAsync(Appliance.Form("other", _appliance.Kernel("other", "L"u8)));
        JsonNode victim = await _appliance.CreateAsync(Appliance.Form("victim", _appliance.Kernel("victim", "L"u8), "(on_crash destroy)"));
        await _appliance.PostAsync("v1/domains/other/unpause");
        await _appliance.PostAsync("v1/domains/victim/unpause");
        await _appliance.WaitForStateAsync("other", "r-----");
        Kill((int)victim["domid"]!);
        await _appliance.WaitForStateAsync("victim", null);
        _appliance.ShouldHaveNothingOf((int)victim["domid"]!);
        (await _appliance.StateAsync("other")).Should().Be("r-----");
        Directory.Exists($"/proc/{_appliance.ProcessOf((int)other["domid"]!)}").Should().BeTrue();
    }

    [Fact]
    public async Task Rename_restart_keeps_the_remains_under_another_name()
    {
        JsonNode first = await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8), "(on_crash rename-restart)"));
        await _appliance.PostAsync("v1/domains/web/unpause");
        Kill((int)first["domid"]!);
        await _appliance.WaitForStateAsync($"Domain-{await RemainsAsync((int)first["domid"]!)}", "----c-");
        await _appliance.WaitForStateAsync("web", "-b----");
        JsonNode remains = await _appliance.GetAsync($"v1/domains/{first["domid"]}");
        ((string)remains["name"]!).Should().Be($"Domain-{remains["uuid"]}");
        ((string)remains["state"]!).Should().Be("----c-");
        JsonNode next = await _appliance.GetAsync("v1/domains/web");
        ((string)next["uuid"]!).Should().Be((string)first["uuid"]!).And.NotBe((string)remains["uuid"]!);
        _appliance.Store.Read($"/vm/{next["uuid"]}/name").Should().Be("web");
    }

    [Fact]
    public async Task Orders_reach_the_guest_through_the_store()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("obedient", _appliance.Kernel("obedient", "W"u8), "(maxmem 64)"));
        string home = $"/local/domain/{info["domid"]}";
        await _appliance.PostAsync("v1/domains/obedient/unpause");
        await _appliance.PostAsync("v1/domains/obedient/shutdown", new { reason = "reboot" });
        _appliance.Store.Read($"{home}/control/shutdown").Should().Be("reboot");
        await _appliance.PostAsync("v1/domains/obedient/sysrq", new { key = "s" });
        _appliance.Store.Read($"{home}/control/sysrq").Should().Be("s");
        await _appliance.PostAsync("v1/domains/obedient/memory-target", new { mib = 24 });
        _appliance.Store.Read($"{home}/memory/target").Should().Be("24576");
        ((int)(await _appliance.GetAsync("v1/domains/obedient"))["memoryMiB"]!).Should().Be(24);
        await _appliance.PostAsync("v1/domains/obedient/memory-maximum", new { mib = 48 });
        ((int)(await _appliance.GetAsync("v1/domains/obedient"))["maximumMemoryMiB"]!).Should().Be(48);
        await _appliance.PostAsync("v1/domains/obedient/trigger", new { name = "nmi", vcpu = 0 });
        await _appliance.PostAsync("v1/domains/obedient/rename", new { name = "renamed" });
        _appliance.Store.Read($"{home}/name").Should().Be("renamed");
        await _appliance.WaitForStateAsync("renamed", "-b----");
        (await _appliance.StateAsync("obedient")).Should().BeNull();
    }

    /// <summary>The identity that the remains of a domain were given.</summary>
    private async Task<string> RemainsAsync(int domid)
    {
        string renamed = "Domain-";
        await Eventually.True(
            () => (_appliance.Store.Read($"/local/domain/{domid}/name") ?? "").StartsWith(renamed, StringComparison.Ordinal), "the old domain is renamed");
        return (string)(await _appliance.GetAsync($"v1/domains/{domid}"))["uuid"]!;
    }

    private void Kill(int domid)
    {
        using ProcessHandle process = ProcessHandle.TryOpen(_appliance.ProcessOf(domid))!;
        process.Signal(Libc.SignalKill);
    }
}
