using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>How guests end, and that nothing of them is left.</summary>
public sealed class LifecycleTests(Appliance appliance) : IClassFixture<Appliance>
{
    [Fact]
    public async Task Shutdown_waits_until_the_guest_has_gone()
    {
        await appliance.BootAsync(new GuestConfiguration("polite"));
        (await appliance.XmAsync("shutdown", "-w", "polite")).Succeeded().Output.Should().Be("Domain polite terminated\nAll domains terminated\n");
        appliance.Console("polite").Should().Contain("reboot: System halted", "or Power down: the kernel itself has stopped", "Power down");
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task A_guest_may_power_itself_off()
    {
        await appliance.BootAsync(new GuestConfiguration("inner"));
        using (ConsoleWatcher watcher = new(appliance, await appliance.DomidAsync("inner")))
        {
            await watcher.SeesAsync("guest:/root#");
            await watcher.TypeAsync("poweroff\n");
        }

        await GoneAsync("inner");
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Reboot_brings_it_back_under_another_number()
    {
        await appliance.BootAsync(new GuestConfiguration("again"));
        int before = await appliance.DomidAsync("again");
        (await appliance.XmAsync("reboot", "-w", "again")).Succeeded().Output.Should().Be("Domain again rebooted\nAll domains rebooted\n");
        await appliance.ConsoleSaysAsync("again", "hospes: init is up", times: 2);
        (await appliance.DomidAsync("again")).Should().BeGreaterThan(before);
        (await appliance.XmAsync("destroy", "again")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task A_reboot_ends_it_when_its_configuration_says_so()
    {
        await appliance.BootAsync(new GuestConfiguration("once") { OnReboot = "destroy" });
        (await appliance.XmAsync("reboot", "once")).Succeeded();
        await GoneAsync("once");
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Destroy_leaves_nothing()
    {
        await appliance.BootAsync(new GuestConfiguration("doomed"));
        (await appliance.XmAsync("destroy", "doomed")).Succeeded();
        await appliance.HasNoGuestAsync();
        (await appliance.XmAsync("destroy", "doomed")).Failed("Domain 'doomed' does not exist.");
    }

    [Fact]
    public async Task A_kernel_that_panics_is_a_crash()
    {
        // Without an initrd there is no root file system; panic=-1 makes the kernel ask for a reboot at once, 0 makes it stay, which Xen is told of.
        GuestConfiguration configuration = new("panics") { Ramdisk = null, Extra = "panic=0", OnCrash = "preserve" };
        (await appliance.XmAsync("create", appliance.Write(configuration))).Succeeded();
        await appliance.ConsoleSaysAsync("panics", "Kernel panic - not syncing");
        await CrashedAsync("panics");
        (await appliance.XmAsync("destroy", "panics")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task The_generic_kernel_boots_too()
    {
        await appliance.BootAsync(new GuestConfiguration("generic") { Kernel = Tree.GenericKernel, MemoryMiB = 384, Extra = "hospes.tour" }, "hospes: tour is over");
        appliance.Console("generic").Should().Contain("tour: hypervisor: xen\n");
        (await appliance.XmAsync("shutdown", "-w", "generic")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Both_keys_of_xl_are_understood()
    {
        string path = Path.Combine(appliance.Root, "xl.cfg");
        await File.WriteAllTextAsync(path, $"""
            name = "xl"
            type = "pvh"
            kernel = "{Tree.CloudKernel}"
            ramdisk = "{Tree.Initrd}"
            memory = 256
            cmdline = "console=hvc0 hospes.tour"

            """);
        (await appliance.XmAsync("create", path)).Succeeded();
        await appliance.ConsoleSaysAsync("xl", "hospes: tour is over");
        (await appliance.XmAsync("destroy", "xl")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    private async Task GoneAsync(string name) =>
        await Eventually.HoldsAsync(
            $"{name} has gone", () => appliance.Processes("domain").Length == 0, TimeSpan.FromMinutes(1), () => appliance.Console(name) + appliance.Log());

    private async Task CrashedAsync(string name)
    {
        string state = "";
        for (int look = 0; look < 200 && !state.Contains("c-", StringComparison.Ordinal); look++)
        {
            await Task.Delay(50);
            state = (await appliance.XmAsync("list", name)).Succeeded().Lines[1];
        }

        state.Should().MatchRegex(" [r-][b-]-[s-]c- ");
    }
}
