using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>The units under a systemd that runs: it starts xend, stops it, starts it again when it dies, and no guest notices; xendomains begins and ends guests.</summary>
public sealed class SystemdTests : IAsyncLifetime
{
    private readonly Appliance _appliance = new();

    private string Units => Path.Combine(_appliance.Root, "lib/systemd/system");

    public async Task InitializeAsync()
    {
        (await _appliance.HostAsync("files", _appliance.Root, "--host", Tree.Host, "--xm", Tree.Xm)).Succeeded();
        foreach (string unit in (string[])["xend", "xendomains"])
        {
            // What a package has at the places of the system lies below the root of the test.
            string file = Path.Combine(Units, $"{unit}.service");
            string text = await File.ReadAllTextAsync(file);
            await File.WriteAllTextAsync(file, text.Replace("=/etc/", $"={_appliance.Root}/etc/", StringComparison.Ordinal));
            Directory.CreateDirectory($"{file}.d");
            await File.WriteAllTextAsync(
                Path.Combine($"{file}.d", "root.conf"), $"[Service]\nEnvironment=HOSPES_ROOT={_appliance.Root} HOSPES_PLUGINS={Tree.Root}/out/plugins.json\n");
        }
    }

    public Task DisposeAsync() => _appliance.DisposeAsync();

    [SkippableFact]
    public async Task Guests_live_on_while_systemd_stops_and_starts_xend_and_begin_and_end_with_xendomains()
    {
        await using SystemdMachine machine = await SystemdMachine.StartAsync(Units);
        (await machine.ControlAsync("start", "xend.service")).Succeeded();
        (await machine.PropertyAsync("xend.service", "SubState")).Should().Be("running", "start returns when xend has said that it is ready");
        (await _appliance.XmAsync("create", _appliance.Write(new GuestConfiguration("steady") { MemoryMiB = 128 }))).Succeeded();
        await _appliance.ConsoleSaysAsync("steady", "hospes: init is up");
        int process = _appliance.Processes("domain").Should().ContainSingle().Subject;

        (await machine.ControlAsync("stop", "xend.service")).Succeeded();
        (await machine.PropertyAsync("xend.service", "ActiveState")).Should().Be("inactive");
        _appliance.Processes().Should().Equal(process);
        (await machine.ControlAsync("start", "xend.service")).Succeeded();
        (await _appliance.GuestsAsync()).Should().Equal("steady");

        string main = await machine.PropertyAsync("xend.service", "MainPID");
        (await machine.RunAsync("kill", "-9", main)).Succeeded();
        await Eventually.HoldsAsync("systemd has started another xend", () => _appliance.XmAsync("list").GetAwaiter().GetResult().Status == 0, TimeSpan.FromMinutes(1), _appliance.Log);
        (await machine.PropertyAsync("xend.service", "MainPID")).Should().NotBe(main);
        (await _appliance.GuestsAsync()).Should().Equal("steady");
        _appliance.Processes("domain").Should().Equal(process);

        File.Move(_appliance.Write(new GuestConfiguration("auto") { MemoryMiB = 128 }), Path.Combine(_appliance.Root, "etc/xen/auto/auto"));
        (await machine.ControlAsync("start", "xendomains.service")).Succeeded();
        (await _appliance.GuestsAsync()).Should().BeEquivalentTo("steady", "auto");
        await _appliance.ConsoleSaysAsync("auto", "hospes: init is up");
        (await machine.ControlAsync("stop", "xendomains.service")).Succeeded();
        (await _appliance.GuestsAsync()).Should().BeEmpty("they were shut down");
        (await machine.ControlAsync("stop", "xend.service")).Succeeded();
        await Eventually.HoldsAsync("nothing is left", () => _appliance.Processes().Length == 0, TimeSpan.FromSeconds(30), _appliance.Log);
    }
}
