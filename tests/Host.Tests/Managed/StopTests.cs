using System.Text.Json.Nodes;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Managed;

/// <summary>What becomes of domains as xend stops, by their on_xend_stop.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private const string Told = "told";

    private Appliance _appliance = null!;
    private int _going;
    private int _staying;

    public async Task InitializeAsync()
    {
        _appliance = await Appliance.StartAsync();
        _going = await RunAsync("going", _appliance.KernelThatStops(Told, 0), "(on_xend_stop shutdown)");
        _staying = await RunAsync("staying", _appliance.Kernel("k", "L"u8), "(on_xend_stop ignore)");
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task One_is_shut_down_and_waited_for_and_the_others_run_on()
    {
        int saved = await RunAsync("saved", _appliance.Kernel("s", "L"u8), "(on_xend_stop suspend)");
        int process = _appliance.ProcessOf(_staying);
        Task stopping = _appliance.StopDaemonAsync();
        await Eventually.True(() => _appliance.Store.Read($"/local/domain/{_going}/control/shutdown") == "poweroff", "the guest is told by the store");
        stopping.IsCompleted.Should().BeFalse("it is waited for");
        await File.WriteAllTextAsync(_appliance.Temporary(Told), "");
        await stopping;
        Directory.Exists(_appliance.Paths.Domain((ushort)_going)).Should().BeFalse();
        _appliance.ProcessOf(_staying).Should().Be(process);
        (await File.ReadAllTextAsync(_appliance.Paths.XendLog)).Should().Contain("domain saved (").And.Contain("wants to be suspended with xend");

        await _appliance.StartDaemonAsync();
        _appliance.ShouldHaveNothingOf(_going);
        (await _appliance.GetAsync("v1/domains")).AsArray().Select(static domain => (int)domain!["domid"]!).Should().Equal(0, _staying, saved);
    }

    [Fact]
    public async Task A_reload_leaves_all_alone()
    {
        await _appliance.PostAsync("v1/stop", new { reload = true });
        await _appliance.Daemon.Exited.WaitAsync(TimeSpan.FromSeconds(60));
        await _appliance.StartDaemonAsync();
        (await _appliance.GetAsync("v1/domains")).AsArray().Select(static domain => (int)domain!["domid"]!).Should().Equal(0, _going, _staying);
        _appliance.Store.Read($"/local/domain/{_going}/control/shutdown").Should().BeNullOrEmpty("nobody has told it anything");
    }

    private async Task<int> RunAsync(string name, string kernel, string extra)
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form(name, kernel, extra));
        await _appliance.PostAsync($"v1/domains/{name}/unpause");
        return (int)info["domid"]!;
    }
}
