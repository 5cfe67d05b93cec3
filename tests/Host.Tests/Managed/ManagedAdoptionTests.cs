using System.Text.Json.Nodes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Managed;

/// <summary>A managed domain that runs while its Host is replaced: it is taken over as what it is, and not started a second time.</summary>
public sealed class ManagedAdoptionTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Theory]
    [InlineData(Libc.SignalKill)]
    [InlineData(Libc.SignalTerminate)]
    public async Task It_runs_on_and_is_still_managed(int signal)
    {
        string form = Appliance.Form("web", _appliance.Kernel("web", "W"u8), "(on_xend_start start) (features x)");
        await _appliance.PostTextAsync("v1/managed-domains", form);
        int domid = (int)(await _appliance.PostAsync("v1/domains/web/start"))["domid"]!;
        await _appliance.PostAsync("v1/domains/web/unpause");
        int process = _appliance.ProcessOf(domid);
        await _appliance.StopDaemonAsync(signal);
        await _appliance.StartDaemonAsync();
        JsonNode found = await _appliance.GetAsync("v1/domains/web");
        ((int)found["domid"]!).Should().Be(domid);
        ((bool)found["managed"]!).Should().BeTrue();
        _appliance.ProcessOf(domid).Should().Be(process);
        (await _appliance.TextAsync("v1/domains/web/sxp")).Should().Contain("(features x)");
        (await _appliance.GetAsync("v1/domains?state=halted")).AsArray().Should().BeEmpty();
        string core = (string)(await _appliance.PostAsync("v1/domains/web/dump"))["path"]!;
        File.Exists(core).Should().BeTrue();
        await _appliance.PostAsync("v1/domains/web/destroy");
        await _appliance.PostAsync("v1/domains/web/delete");
    }
}
