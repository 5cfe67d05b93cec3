using Hospes.Schedulers.Sedf;
using Hospes.Schedulers.Credit;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>The scheduler plugins behind the real core and real leases, on simulated time.</summary>
public sealed class SchedulerPluginTests
{
    [Fact]
    public void Sedf_guarantees_hold()
    {
        var simulation = new Simulation(1, new SedfScheduler()) { HoldsBack = true };
        SimulatedVcpu guaranteed = simulation.Add(1);
        SimulatedVcpu hog = simulation.Add(2);
        simulation.Run(500);
        simulation.Core.WriteParameters(guaranteed.Key.Domain, Values(("period", 20_000_000), ("slice", 12_000_000), ("extratime", 0)), simulation.Now);
        Nanoseconds before = guaranteed.Used;
        simulation.Run(20_000);
        simulation.Failures.Should().BeEmpty();
        ((guaranteed.Used - before).Value / 20e9).Should().BeApproximately(0.6, 0.01);
    }

    private static Dictionary<string, long> Values(params ReadOnlySpan<(string Name, long Value)> values)
    {
        Dictionary<string, long> all = [];
        foreach ((string name, long value) in values)
            all[name] = value;
        return all;
    }
}
