using Hospes.Hypervisor.Leases;
using Hospes.Schedulers.Credit;
using Hospes.Schedulers.RoundRobin;
using Hospes.Schedulers.Sedf;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

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

    [Fact]
    public void Credit_shares_and_caps_hold_and_survive_a_change_of_schedulers()
    {
        var simulation = new Simulation(2, new CreditScheduler()) { HoldsBack = true };
        SimulatedVcpu[] hogs = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        simulation.Core.WriteParameters(hogs[0].Key.Domain, Values(("weight", 512)), simulation.Now);
        Shares().Should().Equal([1.0, 0.5, 0.5], (share, ideal) => Math.Abs(share - ideal) < 0.02);

        simulation.Core.Replace(new RoundRobinScheduler(), "other", simulation.Now);
        Shares().Should().Equal([0.667, 0.667, 0.667], (share, ideal) => Math.Abs(share - ideal) < 0.02);
        simulation.Core.Replace(new CreditScheduler(), "tried", simulation.Now);
        simulation.Core.ReadParameters(hogs[0].Key.Domain)["weight"].Should().Be(512);
        Shares().Should().Equal([1.0, 0.5, 0.5], (share, ideal) => Math.Abs(share - ideal) < 0.02);

        simulation.Core.WriteParameters(hogs[0].Key.Domain, Values(("cap", 50)), simulation.Now);
        Shares().Should().Equal([0.5, 0.75, 0.75], (share, ideal) => Math.Abs(share - ideal) < 0.02);
        simulation.Failures.Should().BeEmpty();

        double[] Shares()
        {
            simulation.Run(100);
            long[] before = [.. hogs.Select(hog => hog.Used.Value)];
            simulation.Run(10_000);
            return [.. hogs.Zip(before, (hog, used) => (hog.Used.Value - used) / 10e9)];
        }
    }

    [Fact]
    public void A_domain_whose_parameters_are_refused_is_not_taken_in()
    {
        var simulation = new Simulation(1, new CreditScheduler());
        LeasePage page = LeasePage.Create(1);
        DomainTuning tuning = DomainTuning.Default with { Configured = DomainTuning.Default.Configured.Add("cpu_weight", 0) };
        simulation.Invoking(s => s.Core.Register(new DomainId(5), page, true, tuning, s.Now)).Should().Throw<SchedulerParameterException>();
        simulation.Core.Domains.Should().BeEmpty();
        simulation.Core.IsFallback.Should().BeFalse();
        page.Dispose();
    }

    [Fact]
    public void Pins_hold_under_every_scheduler_that_pins()
    {
        var simulation = new Simulation(2, new CreditScheduler()) { HoldsBack = true };
        SimulatedVcpu[] hogs = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        foreach (SimulatedVcpu hog in hogs[..2])
            simulation.Core.SetAffinity(hog.Key.Domain, hog.Key.Vcpu, PcpuSet.Of(new PcpuId(1)), simulation.Now);
        foreach (IScheduler scheduler in (IScheduler[])[new CreditScheduler(), new SedfScheduler(), new RoundRobinScheduler()])
        {
            simulation.Core.Replace(scheduler, "next", simulation.Now);
            simulation.Run(100);
            for (int look = 0; look < 100; look++)
            {
                simulation.Run(7);
                hogs[..2].Should().NotContain(simulation.HolderOf(0)!);
            }
        }
        simulation.Failures.Should().BeEmpty();
    }

    private static Dictionary<string, long> Values(params ReadOnlySpan<(string Name, long Value)> values)
    {
        Dictionary<string, long> all = [];
        foreach ((string name, long value) in values)
            all[name] = value;
        return all;
    }
}
