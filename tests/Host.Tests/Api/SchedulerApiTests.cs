using System.Text.Json.Nodes;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Api;

/// <summary>Shares of the CPUs through the API of a real daemon.</summary>
public sealed class SchedulerApiTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task Parameters_are_set_shown_and_kept_over_a_change_of_schedulers()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        await _appliance.CreateAsync(Appliance.Form("demo", kernel, "(cpu_weight 512) (cpu_cap 40) (cpus 0)"));
        JsonNode round = await _appliance.GetAsync("v1/domains/demo/scheduler");
        ((string)round["scheduler"]!).Should().Be("round-robin");

        await Choose("credit");
        (await Parameter("demo", "weight")).Should().Be(512);
        (await Parameter("demo", "cap")).Should().Be(40);
        (await Parameter("Domain-0", "weight")).Should().Be(256);
        await Set("demo", "credit", new { weight = 100 });
        (await Parameter("demo", "weight")).Should().Be(100);
        (await Parameter("demo", "cap")).Should().Be(40);
        (await _appliance.TextAsync("v1/domains/demo/sxp")).Should().Contain("(cpu_weight 100)").And.Contain("(cpu_cap 40)");

        await Choose("sedf");
        await Set("demo", "sedf", new { period = 20_000_000, slice = 5_000_000, extratime = 0 });
        await Choose("credit");
        (await Parameter("demo", "weight")).Should().Be(100);
        await Choose("sedf");
        (await Parameter("demo", "slice")).Should().Be(5_000_000);
        (await _appliance.TextAsync("v1/host/dmesg")).Should().Contain("(XEN) Using scheduler: Simple EDF Scheduler (sedf)");
        JsonNode vcpu = (await _appliance.GetAsync("v1/domains/demo/vcpus"))[0]!;
        vcpu["affinity"]!.AsArray().Select(pcpu => (int)pcpu!).Should().Equal(0);
    }

    [Theory]
    [InlineData("(cpu_weight 0)", "*cpu_weight is out of range*")]
    [InlineData("(cpu_weight 65536)", "*cpu_weight is out of range*")]
    [InlineData("(cpu_cap 101)", "*cpu_cap is out of range*")]
    [InlineData("(cpu_cap -1)", "*cpu_cap is out of range*")]
    [InlineData("(cpus 0-63)", "*cpus: *names CPU 63*")]
    [InlineData("(cpu 63)", "*cpus: *names CPU 63*")]
    [InlineData("(cpus '^0')", "*leaves no CPU*")]
    public async Task Shares_that_there_are_not_are_refused_and_leave_nothing(string extra, string message)
    {
        Func<Task> create = () => _appliance.CreateAsync(Appliance.Form("demo", _appliance.Kernel("k", "W"u8), extra));
        (await create.Should().ThrowAsync<FaultException>()).WithMessage(message);
        (await _appliance.StateAsync("demo")).Should().BeNull();
    }

    [Fact]
    public async Task Bad_wishes_are_refused_and_change_nothing()
    {
        await _appliance.CreateAsync(Appliance.Form("demo", _appliance.Kernel("k", "W"u8)));
        await Choose("credit");
        await Refused(() => Set("demo", "credit", new { weight = 0 }), "weight is out of range*");
        await Refused(() => Set("demo", "credit", new { cap = 101 }), "cap is out of range*");
        await Refused(() => Set("demo", "credit", new { colour = 1 }), "*no parameter 'colour'*");
        await Refused(() => Set("demo", "sedf", new { weight = 1 }), "Xen is running with the credit scheduler");
        await Refused(() => Set("Domain-0", "credit", new { weight = 1 }), "*host itself*");
        await Refused(() => Set("nobody", "credit", new { weight = 1 }), "nobody");
        await Refused(() => Pin("demo", "0", "63"), "Cannot pin vcpu: 0 to cpu: [63] - *");
        await Refused(() => Pin("demo", "7", "0"), "Cannot pin vcpu: 7 to cpu: [0] - *VCPUs 0 to 0*");
        await Refused(() => Choose("no-such"), "Unknown scheduler 'no-such'. There is: *credit*");
        (await Parameter("demo", "weight")).Should().Be(256);
        ((string)(await _appliance.GetAsync("v1/host/scheduler"))["scheduler"]!).Should().Be("credit");

        await Choose("sedf");
        await Refused(() => Set("demo", "sedf", new { period = 10_000_000, slice = 20_000_000 }), "slice is *to the period of *is allowed*");
        (await Parameter("demo", "slice")).Should().Be(0);
    }

    private static async Task Refused(Func<Task> wish, string message) => (await wish.Should().ThrowAsync<FaultException>()).WithMessage(message);

    private Task Choose(string name) => _appliance.PostAsync("v1/host/scheduler", new { scheduler = name });

    private Task Set(string domain, string scheduler, object parameters) => _appliance.PostAsync($"v1/domains/{domain}/scheduler", new { scheduler, parameters });

    private Task Pin(string domain, string vcpu, string cpus) => _appliance.PostAsync($"v1/domains/{domain}/vcpu-pin", new { vcpu, cpus });

    private async Task<long> Parameter(string domain, string name) => (long)(await _appliance.GetAsync($"v1/domains/{domain}/scheduler"))["parameters"]![name]!;
}
