using System.Text.Json.Nodes;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;
using Hospes.Hypervisor.Domains;

namespace Hospes.Host.Tests.Domains;

/// <summary>What guests do while no daemon is there: what they have used counts, and how they ended is dealt with by the next one, once.</summary>
public sealed class UnattendedTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Name, how it ends, what is to be done then, and the state that leaves; null: nothing of it.
    private static readonly (string Name, ShutdownReason Reason, string Action, string? State)[] Ending =
    [
        ("off", ShutdownReason.PowerOff, "(on_poweroff destroy)", null),
        ("kept", ShutdownReason.PowerOff, "(on_poweroff preserve)", "---s--"),
        ("rebooted", ShutdownReason.Reboot, "(on_reboot destroy)", null),
        ("crashed", ShutdownReason.Crash, "(on_crash preserve)", "----c-"),
        ("cored", ShutdownReason.Crash, "(on_crash coredump-destroy)", null),
    ];

    // The same of those that are started again: the state in which their remains stay.
    private static readonly (string Name, ShutdownReason Reason, string Action, string? State)[] Returning =
    [
        ("reboots", ShutdownReason.Reboot, "(on_reboot restart)", null),
        ("crashes", ShutdownReason.Crash, "(on_crash restart)", null),
        ("cores", ShutdownReason.Crash, "(on_crash coredump-restart)", null),
        ("renamed", ShutdownReason.Reboot, "(on_reboot rename-restart)", "---s--"),
    ];

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task Guests_that_end_end_as_their_configuration_says_and_once()
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        foreach ((string name, ShutdownReason reason, string action, _) in Ending.Concat(Returning))
        {
            numbers[name] = (int)(await _appliance.CreateAsync(Appliance.Form(name, _appliance.KernelThatStops(name, (uint)reason), action)))["domid"]!;
            await _appliance.PostAsync($"v1/domains/{name}/unpause");
        }

        await _appliance.StopDaemonAsync(Libc.SignalKill);
        foreach ((string name, ShutdownReason reason, _, _) in Ending.Concat(Returning))
        {
            await File.WriteAllTextAsync(_appliance.Temporary(name), "");
            await HasStoppedAsync(numbers[name], reason);
            File.Delete(_appliance.Temporary(name)); // the next incarnation is to stay
        }

        await _appliance.StartDaemonAsync();
        await LookAsync(numbers);
        string[] cores = Directory.GetFiles(_appliance.Paths.Dumps);
        cores.Should().HaveCount(2).And.Contain(static file => file.Contains("-cored.")).And.Contain(static file => file.Contains("-cores."));
        string before = await DomainsAsync();
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        await _appliance.StartDaemonAsync();
        await LookAsync(numbers);
        (await DomainsAsync()).Should().Be(before, "nothing is done twice");
        Directory.GetFiles(_appliance.Paths.Dumps).Should().Equal(cores);
    }

    [Fact]
    public async Task The_CPU_time_that_it_has_used_meanwhile_is_on_its_account()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("k", "L"u8)));
        await _appliance.PostAsync("v1/domains/web/unpause");
        await _appliance.WaitForStateAsync("web", "r-----");
        int pid = _appliance.ProcessOf((int)info["domid"]!);
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        double begun = ProcessSeconds(pid);
        await Eventually.True(() => ProcessSeconds(pid) > begun + 0.5, "the guest goes on computing");
        double used = ProcessSeconds(pid) - begun;
        await _appliance.StartDaemonAsync();
        double first = (double)(await _appliance.GetAsync("v1/domains/web"))["cpuTime"]!;
        first.Should().BeGreaterThan(used / 2, "a vCPU that waits for no event uses nearly all that its process uses");
        await _appliance.StopDaemonAsync(Libc.SignalTerminate);
        await _appliance.StartDaemonAsync();
        ((double)(await _appliance.GetAsync("v1/domains/web"))["cpuTime"]!).Should().BeGreaterThan(first, "it goes on where it was");
    }

    private async Task LookAsync(Dictionary<string, int> numbers)
    {
        foreach ((string name, _, _, string? state) in Ending)
        {
            await _appliance.WaitForStateAsync(name, state);
            if (state is null)
                _appliance.ShouldHaveNothingOf(numbers[name]);
        }

        foreach ((string name, _, _, string? remains) in Returning)
        {
            await _appliance.WaitForCountAsync(name, 1);
            await _appliance.WaitForStateAsync($"{numbers[name]}", remains);
            if (remains is null)
                _appliance.ShouldHaveNothingOf(numbers[name]);
        }
    }

    /// <summary>Name, number and restarts of all domains.</summary>
    private async Task<string> DomainsAsync() => string.Join(
        ' ', (await _appliance.GetAsync("v1/domains")).AsArray().Select(static domain => $"{domain!["name"]}:{domain["domid"]}:{domain["restartCount"]}"));

    /// <summary>Waits until a domain's process knows that its guest has stopped: what we hear, who only listen, is told to every daemon that comes.</summary>
    private async Task HasStoppedAsync(int domid, ShutdownReason reason)
    {
        string control = Path.Combine(_appliance.Paths.Domain((ushort)domid), DomainProcessLauncher.ControlSocketName);
        using DomainProcessClient listener = DomainProcessClient.Connect(ProcessHandle.TryOpen(_appliance.ProcessOf(domid))!, control, "web", "its log");
        TaskCompletionSource<ShutdownReason> stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        listener.Stopped += told => stopped.TrySetResult(told.Reason);
        listener.Start();
        (await listener.Built.WaitAsync(Patience)).Leases.Dispose();
        (await stopped.Task.WaitAsync(Patience)).Should().Be(reason);
    }

    // proc(5): utime and stime are the 14th and 15th field, in ticks of 10 ms; the second, in brackets, may hold spaces.
    private static double ProcessSeconds(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12])) / 100.0;
    }
}
