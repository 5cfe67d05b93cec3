using System.Text.Json.Nodes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

/// <summary>Domains whose daemon is killed, and what the next one makes of them: real processes, scripted guests.</summary>
public sealed class AdoptionTests : IAsyncLifetime
{
    private static readonly byte[] PowerOff = [(byte)'S', 0, 0, 0, 0];

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task All_that_people_have_set_is_there_again()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("one", _appliance.Kernel("one", "L"u8), "(vcpus 2) (maxmem 64) (cpu_weight 300)"));
        string home = $"/local/domain/{info["domid"]}";
        await _appliance.PostAsync("v1/domains/one/unpause");
        await _appliance.PostAsync("v1/domains/one/memory-target", new { mib = 24 });
        await _appliance.PostAsync("v1/domains/one/memory-maximum", new { mib = 48 });
        await _appliance.PostAsync("v1/host/scheduler", new { scheduler = "credit" });
        await _appliance.PostAsync("v1/domains/one/scheduler", new { scheduler = "credit", parameters = new { weight = 512, cap = 50 } });
        await _appliance.PostAsync("v1/domains/one/vcpu-pin", new { vcpu = "1", cpus = "0" });
        await _appliance.PostAsync("v1/domains/one/vcpu-count", new { vcpus = 1 });
        await _appliance.PostAsync("v1/domains/one/rename", new { name = "uno" });
        await _appliance.WaitForStateAsync("uno", "r-----");
        JsonNode before = await _appliance.GetAsync("v1/domains/uno");
        string[] nodes = [.. Nodes(home), .. Nodes($"/vm/{info["uuid"]}")];
        string form = await _appliance.TextAsync("v1/domains/uno/sxp");

        await RestartAsync();

        JsonNode after = await _appliance.GetAsync("v1/domains/uno");
        foreach (string same in (string[])["domid", "name", "uuid", "memoryMiB", "maximumMemoryMiB", "vcpus", "startTime", "restartCount", "onCrash"])
            after[same]!.ToJsonString().Should().Be(before[same]!.ToJsonString(), same);
        ((double)after["cpuTime"]!).Should().BeGreaterThanOrEqualTo((double)before["cpuTime"]!);
        Nodes(home).Concat(Nodes($"/vm/{info["uuid"]}")).Should().BeEquivalentTo(nodes, static options => options.WithStrictOrdering());
        JsonNode shares = await _appliance.GetAsync("v1/domains/uno/scheduler");
        ((int)shares["parameters"]!["weight"]!).Should().Be(512);
        ((int)shares["parameters"]!["cap"]!).Should().Be(50);
        (await _appliance.GetAsync("v1/domains/uno/vcpus"))[1]!["affinity"]!.AsArray().Select(static cpu => (int)cpu!).Should().Equal(0);
        Stable(await _appliance.TextAsync("v1/domains/uno/sxp")).Should().Equal(Stable(form));
        (await _appliance.StateAsync("one")).Should().BeNull();

        await _appliance.PostAsync("v1/domains/uno/pause");
        (await _appliance.StateAsync("uno")).Should().Be("--p---");
        await RestartAsync();
        (await _appliance.StateAsync("uno")).Should().Be("--p---", "a paused domain stays paused");
        await _appliance.PostAsync("v1/domains/uno/unpause");
        await _appliance.WaitForStateAsync("uno", "r-----");
        await _appliance.PostAsync("v1/domains/uno/destroy");
        _appliance.ShouldHaveNothingOf((int)info["domid"]!);
        _appliance.Store.List("/vm").Should().ContainSingle("only dom0's is left");
    }

    [Fact]
    public async Task A_scheduler_that_was_put_in_charge_stays_in_charge()
    {
        await _appliance.CreateAsync(Appliance.Form("one", _appliance.Kernel("one", "W"u8)));
        await _appliance.PostAsync("v1/host/scheduler", new { scheduler = "sedf" });
        await _appliance.PostAsync("v1/domains/one/scheduler", new { scheduler = "sedf", parameters = new { period = 20_000_000, slice = 5_000_000 } });
        await RestartAsync();
        JsonNode shares = await _appliance.GetAsync("v1/domains/one/scheduler");
        ((string)shares["scheduler"]!).Should().Be("sedf");
        ((int)shares["parameters"]!["period"]!).Should().Be(20_000_000);
        ((int)shares["parameters"]!["slice"]!).Should().Be(5_000_000);
    }

    [Fact]
    public async Task A_process_that_has_ended_while_no_daemon_was_there_is_a_guest_that_has_crashed()
    {
        JsonNode again = await _appliance.CreateAsync(Appliance.Form("again", _appliance.Kernel("again", "W"u8)));
        JsonNode lost = await _appliance.CreateAsync(Appliance.Form("lost", _appliance.Kernel("lost", "W"u8), "(on_crash destroy)"));
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        foreach (JsonNode victim in (JsonNode[])[again, lost])
            await EndProcessAsync((int)victim["domid"]!);
        await _appliance.StartDaemonAsync();

        await _appliance.WaitForStateAsync("lost", null);
        _appliance.ShouldHaveNothingOf((int)lost["domid"]!);
        await _appliance.WaitForCountAsync("again", 1);
        await _appliance.WaitForStateAsync("again", "-b----");
        _appliance.ShouldHaveNothingOf((int)again["domid"]!);
    }

    [Fact]
    public async Task What_was_preserved_is_preserved()
    {
        JsonNode kept = await _appliance.CreateAsync(Appliance.Form("kept", _appliance.Kernel("kept", PowerOff), "(on_poweroff preserve)"));
        JsonNode remains = await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8), "(on_crash rename-restart)"));
        await _appliance.PostAsync("v1/domains/kept/unpause");
        await _appliance.WaitForStateAsync("kept", "---s--");
        await EndProcessAsync((int)remains["domid"]!);
        await _appliance.WaitForStateAsync("web", "-b----");
        await RestartAsync();
        (await _appliance.StateAsync("kept")).Should().Be("---s--");
        (await _appliance.StateAsync($"{remains["domid"]}")).Should().Be("----c-");
        await _appliance.WaitForStateAsync("web", "-b----");
        foreach (JsonNode domain in (JsonNode[])[kept, remains])
        {
            await _appliance.PostAsync($"v1/domains/{domain["domid"]}/destroy");
            _appliance.ShouldHaveNothingOf((int)domain["domid"]!);
        }
    }

    [Fact]
    public async Task Messages_of_the_hypervisor_and_those_of_guests_meanwhile_are_kept()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("talks", _appliance.Kernel("talks", [.. "Pwhile you were away\n\0"u8, (byte)'W'])));
        string before = await _appliance.TextAsync("v1/host/dmesg");
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        await _appliance.StartDaemonAsync();
        (await _appliance.TextAsync("v1/host/dmesg")).Should().StartWith(before);
        await _appliance.PostAsync("v1/domains/talks/unpause");
        await _appliance.WaitForStateAsync("talks", "-b----");
        (await _appliance.TextAsync("v1/host/dmesg")).Should().Contain($"(d{info["domid"]}) while you were away");
    }

    [Fact]
    public async Task A_process_that_does_not_answer_keeps_nobody_waiting_and_can_be_destroyed()
    {
        JsonNode hung = await _appliance.CreateAsync(Appliance.Form("hung", _appliance.Kernel("hung", "W"u8)));
        JsonNode well = await _appliance.CreateAsync(Appliance.Form("well", _appliance.Kernel("well", "W"u8)));
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        using ProcessHandle process = ProcessHandle.TryOpen(_appliance.ProcessOf((int)hung["domid"]!))!;
        process.Signal(19); // SIGSTOP
        await _appliance.StartDaemonAsync();
        await _appliance.PostAsync("v1/domains/well/unpause");
        await _appliance.WaitForStateAsync("well", "-b----");
        (await _appliance.GetAsync("v1/domains")).AsArray().Select(static domain => (string)domain!["name"]!).Should().Equal("Domain-0", "hung", "well");
        process.Signal(18); // SIGCONT
        await _appliance.PostAsync("v1/domains/hung/unpause");
        await _appliance.WaitForStateAsync("hung", "-b----");
        await RestartAsync();
        process.Signal(19);
        await _appliance.PostAsync("v1/domains/hung/destroy");
        _appliance.ShouldHaveNothingOf((int)hung["domid"]!);
        (await _appliance.StateAsync("well")).Should().Be("-b----");
        _ = well;
    }

    [Fact]
    public async Task Nobody_waits_for_a_process_that_hangs()
    {
        string disk = _appliance.Temporary("disk");
        await File.WriteAllBytesAsync(disk, new byte[1 << 20]);
        string kernel = _appliance.Kernel("k", "W"u8);
        JsonNode hung = await _appliance.CreateAsync(Appliance.Form("hung", kernel, $"(device (vbd (uname 'file:{disk}') (dev xvda) (mode w)))"));
        await _appliance.CreateAsync(Appliance.Form("well", kernel));
        using ProcessHandle process = ProcessHandle.TryOpen(_appliance.ProcessOf((int)hung["domid"]!))!;
        process.Signal(19); // SIGSTOP

        // It will not answer this for ten seconds, and holds up nothing but itself.
        Task<JsonNode> waiting = _appliance.PostAsync("v1/domains/hung/memory-maximum", new { mib = 16 });
        for (int round = 0; round < 5; round++)
            (await _appliance.GetAsync("v1/domains")).AsArray().Should().HaveCount(3);
        await _appliance.PostAsync("v1/domains/well/unpause");
        await _appliance.WaitForStateAsync("well", "-b----");
        await _appliance.CreateAsync(Appliance.Form("late", kernel));
        await _appliance.PostAsync("v1/domains/well/destroy");
        waiting.IsCompleted.Should().BeFalse("the others were not behind it");
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<FaultException>().WithMessage("*did not answer the request 'MemoryMaximum' within 10 s*");
        await _appliance.PostAsync("v1/domains/hung/destroy");
        _appliance.ShouldHaveNothingOf((int)hung["domid"]!);
    }

    private async Task RestartAsync()
    {
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        await _appliance.StartDaemonAsync();
    }

    private async Task EndProcessAsync(int domid)
    {
        using ProcessHandle process = ProcessHandle.TryOpen(_appliance.ProcessOf(domid))!;
        process.Signal(Libc.SignalKill);
        await process.Exited;
    }

    private string[] Nodes(string path) =>
    [
        $"{path} {string.Join(',', _appliance.Store.Permissions(path))} {_appliance.Store.Read(path)}",
        .. _appliance.Store.List(path).SelectMany(name => Nodes($"{path}/{name}")),
    ];

    private static string[] Stable(string form) =>
        [.. form.Split('\n').Where(static line => !line.Contains("cpu_time", StringComparison.Ordinal) && !line.Contains("(state ", StringComparison.Ordinal))];
}
