using System.Diagnostics;
using System.Globalization;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>What becomes of leases when one of the two sides is killed while they are out: two guests on one CPU, of which at least one is always busy.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private const string Busy = "while :; do :; done &\n";

    private readonly Appliance _appliance = new();

    public async Task InitializeAsync()
    {
        await _appliance.InitializeAsync();
        foreach (string name in (string[])["first", "second"])
            await _appliance.BootAsync(new GuestConfiguration(name) { More = "cpus = '0'" });
    }

    public Task DisposeAsync() => _appliance.DisposeAsync();

    [Fact]
    public async Task Guests_go_on_computing_when_their_Host_is_killed()
    {
        int[] domids = [await _appliance.DomidAsync("first"), await _appliance.DomidAsync("second")];
        foreach (int domid in domids)
            await MakeBusyAsync(domid);
        int host = int.Parse(await File.ReadAllTextAsync(Path.Combine(_appliance.Root, "var/run/xend.pid")), CultureInfo.InvariantCulture);
        int[] processes = [.. domids.Select(_appliance.ProcessOf)];
        Kill(host);
        try
        {
            // One of them had the CPU, the other waited for the grant of a Host that is no more.
            foreach (int domid in domids)
                await ComputesAsync(domid);
        }
        finally
        {
            Array.ForEach(processes, Kill);
        }

        foreach (string directory in Directory.EnumerateDirectories(_appliance.Domains))
            Directory.Delete(directory, recursive: true);
        (await _appliance.HostAsync("xend", "start")).Succeeded();
    }

    [Fact]
    public async Task A_domains_process_that_is_killed_gives_back_what_it_held()
    {
        int victim = await _appliance.DomidAsync("first");
        int witness = await _appliance.DomidAsync("second");
        await MakeBusyAsync(victim);
        // The witness sleeps at its prompt, so the victim has the CPU.
        Kill(_appliance.ProcessOf(victim));
        await ComputesAsync(witness);
        await MakeBusyAsync(witness);
        await ComputesAsync(witness);
    }

    private async Task MakeBusyAsync(int domid)
    {
        using ConsoleWatcher watcher = new(_appliance, domid);
        await watcher.TypeAsync(Busy + "echo busy=$((6 * 6))\n");
        await watcher.SeesAsync("busy=36");
    }

    private async Task ComputesAsync(int domid)
    {
        using ConsoleWatcher watcher = new(_appliance, domid);
        await watcher.TypeAsync("i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done; echo counted=$((i * 7))\n");
        await watcher.SeesAsync("counted=7000");
    }

    private static void Kill(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        process.Kill();
        process.WaitForExit();
    }
}
