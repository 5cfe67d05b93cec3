using System.Diagnostics;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>A domain process killed with -9 is a crashed domain, does what <c>on_crash</c> says, and harms nobody else.</summary>
public sealed class CrashTests(Appliance appliance) : IClassFixture<Appliance>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Destroy_takes_it_away()
    {
        int domid = await CreateAsync(new GuestConfiguration("gone") { OnCrash = "destroy" });
        Kill(domid);
        await AwaitListAsync(static list => !list.Contains("gone", StringComparison.Ordinal));
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Preserve_keeps_it_to_be_looked_at()
    {
        int domid = await CreateAsync(new GuestConfiguration("kept") { OnCrash = "preserve" });
        Kill(domid);
        await AwaitListAsync(static list => list.Contains("c- ", StringComparison.Ordinal));
        (await appliance.DomidAsync("kept")).Should().Be(domid);
        (await appliance.XmAsync("destroy", "kept")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Restart_brings_it_back()
    {
        int domid = await CreateAsync(new GuestConfiguration("back") { OnCrash = "restart" });
        Kill(domid);
        await Eventually.HoldsAsync(
            "another domain has come", () => Directory.EnumerateDirectories(appliance.Domains).Any(directory => Path.GetFileName(directory) != $"{domid}"), Limit, appliance.Log);
        await AwaitListAsync(list => list.Contains("back", StringComparison.Ordinal) && !list.Contains($" {domid} ", StringComparison.Ordinal));
        (await appliance.DomidAsync("back")).Should().NotBe(domid);
        (await appliance.XmAsync("destroy", "back")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Rename_restart_keeps_both()
    {
        int domid = await CreateAsync(new GuestConfiguration("twin") { OnCrash = "rename-restart" });
        Kill(domid);
        string[] guests = [];
        for (int look = 0; look < 300 && guests.Length < 2; look++)
        {
            await Task.Delay(100);
            guests = await appliance.GuestsAsync();
        }

        guests.Should().HaveCount(2).And.Contain("twin");
        foreach (string name in guests)
            (await appliance.XmAsync("destroy", name)).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Others_run_on()
    {
        await appliance.BootAsync(new GuestConfiguration("witness"));
        int victim = await CreateAsync(new GuestConfiguration("victim"));
        Kill(victim);
        await AwaitListAsync(static list => !list.Contains("victim", StringComparison.Ordinal));
        using (ConsoleWatcher watcher = new(appliance, await appliance.DomidAsync("witness")))
        {
            await watcher.TypeAsync("echo alive=$((7 * 7))\n");
            await watcher.SeesAsync("alive=49");
        }

        (await appliance.XmAsync("destroy", "witness")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    // Paused: what happens to its process does not depend on what the guest does, and costs no boot.
    private async Task<int> CreateAsync(GuestConfiguration configuration)
    {
        (await appliance.XmAsync("create", "-p", appliance.Write(configuration))).Succeeded();
        return await appliance.DomidAsync(configuration.Name);
    }

    private void Kill(int domid)
    {
        using Process process = Process.GetProcessById(appliance.ProcessOf(domid));
        process.Kill(); // SIGKILL
    }

    private async Task AwaitListAsync(Predicate<string> condition)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string list;
        do
        {
            list = (await appliance.XmAsync("list")).Succeeded().Output;
            clock.Elapsed.Should().BeLessThan(Limit, $"the list has to change; it is {list}; {appliance.Log()}");
        }
        while (!condition(list));
    }
}
