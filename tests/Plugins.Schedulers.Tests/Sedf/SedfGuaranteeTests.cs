using Hospes.Sdk;
using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers.Simulation;

namespace Hospes.Schedulers.Sedf;

public sealed class SedfGuaranteeTests
{
    private static readonly Nanoseconds HalfAMinute = Nanoseconds.FromMilliseconds(30_000);
    private readonly SedfScheduler _scheduler = new();
    private readonly SchedulerSimulator _simulator;

    public SedfGuaranteeTests() => _simulator = new SchedulerSimulator(_scheduler, 1);

    [Fact]
    public void Guarantees_are_met_without_a_miss_under_best_effort_hogs()
    {
        SimulatedVcpu[] guaranteed = [Edf(20, 5), Edf(10, 3), Edf(50, 15)];
        for (int hog = 0; hog < 3; hog++)
            _simulator.AddDomain(Load.Hog);
        _simulator.Run(HalfAMinute);
        guaranteed.Sum(vcpu => _scheduler.MissesOf(vcpu.Key)).Should().Be(0);
        _simulator.ShareOf(guaranteed[0]).Should().BeApproximately(0.25, 0.002);
        _simulator.ShareOf(guaranteed[1]).Should().BeApproximately(0.3, 0.002);
        _simulator.ShareOf(guaranteed[2]).Should().BeApproximately(0.3, 0.002);
        _simulator.IdleWhileWaiting.Should().Be(default(Nanoseconds));
    }

    [Fact]
    public void A_guarantee_that_sleeps_and_wakes_is_met_too()
    {
        SimulatedVcpu busy = Edf(20, 10);
        SimulatedVcpu sleepy = _simulator.AddDomain(Values(10, 4), Load.Sleeper(Nanoseconds.FromMilliseconds(1), Nanoseconds.FromMilliseconds(3)))[0];
        _simulator.AddDomain(Load.Hog);
        _simulator.Run(HalfAMinute);
        _scheduler.MissesOf(busy.Key).Should().Be(0);
        sleepy.LongestWait.Should().BeLessThan(Nanoseconds.FromMilliseconds(20), "a short sleep costs it the rest of its period and no more");
    }

    [Fact]
    public void Without_extratime_a_domain_gets_its_slice_and_no_more()
    {
        SimulatedVcpu vcpu = Edf(20, 5);
        _simulator.Run(HalfAMinute);
        _simulator.ShareOf(vcpu).Should().BeApproximately(0.25, 0.001);
    }

    [Fact]
    public void With_extratime_the_rest_is_shared_by_utilisation()
    {
        SimulatedVcpu[] both =
        [
            _simulator.AddDomain(Values(100, 40, extra: 1), Load.Hog)[0],
            _simulator.AddDomain(Values(100, 20, extra: 1), Load.Hog)[0],
        ];
        _simulator.Run(HalfAMinute);
        _simulator.ShareOf(both[0]).Should().BeApproximately(0.4 + (0.4 * 2 / 3), 0.02);
        _simulator.ShareOf(both[1]).Should().BeApproximately(0.2 + (0.4 * 1 / 3), 0.02);
    }

    // The manual's example: four domains 2:3:4:2.
    [Fact]
    public void Real_time_weights_share_what_is_not_reserved()
    {
        long[] weights = [2, 3, 4, 2];
        SimulatedVcpu[] all = [.. weights.Select(weight => _simulator.AddDomain(Weighted(weight, extra: 0), Load.Hog)[0])];
        _simulator.Run(HalfAMinute);
        for (int domain = 0; domain < weights.Length; domain++)
            _simulator.ShareOf(all[domain]).Should().BeApproximately(0.95 * weights[domain] / 11, 0.005);
    }

    // The manual's example: one 10 ms / 3 ms plus three that share the rest 2:7:3.
    [Fact]
    public void Extra_weights_share_the_rest()
    {
        SimulatedVcpu guaranteed = Edf(10, 3);
        long[] weights = [2, 7, 3];
        SimulatedVcpu[] all = [.. weights.Select(weight => _simulator.AddDomain(Weighted(weight, extra: 1), Load.Hog)[0])];
        _simulator.Run(HalfAMinute);
        _scheduler.MissesOf(guaranteed.Key).Should().Be(0);
        for (int domain = 0; domain < weights.Length; domain++)
            _simulator.ShareOf(all[domain]).Should().BeApproximately(0.7 * weights[domain] / 12, 0.01);
    }

    [Fact]
    public void A_guarantee_given_to_a_running_domain_holds_at_once()
    {
        SimulatedVcpu late = _simulator.AddDomain(Load.Hog)[0];
        _simulator.AddDomain(Load.Hog);
        _simulator.Run(Nanoseconds.FromMilliseconds(1_000));
        _simulator.Tune(late.Key.Domain, Values(20, 16));
        _simulator.ResetMeasures();
        _simulator.Run(HalfAMinute);
        _simulator.ShareOf(late).Should().BeApproximately(0.8, 0.002);
    }

    [Fact]
    public void More_than_there_is_cannot_be_guaranteed_and_is_counted()
    {
        SimulatedVcpu[] both = [Edf(10, 8), Edf(10, 8)];
        _simulator.Run(HalfAMinute);
        both.Sum(vcpu => _scheduler.MissesOf(vcpu.Key)).Should().BeGreaterThan(100);
    }

    [Fact]
    public void New_vcpus_go_where_the_fewest_are()
    {
        SchedulerSimulator simulator = new(new SedfScheduler(), 2);
        SimulatedVcpu[] hogs = [simulator.AddDomain(Load.Hog)[0], simulator.AddDomain(Load.Hog)[0]];
        simulator.Run(HalfAMinute);
        hogs.Select(hog => simulator.ShareOf(hog)).Should().OnlyContain(share => share > 0.99);
    }

    [Fact]
    public void A_guarantee_holds_on_the_pcpu_that_a_domain_was_pinned_to()
    {
        SchedulerSimulator simulator = new(new SedfScheduler(), 2);
        SimulatedVcpu pinned = simulator.AddDomain(Load.Hog)[0];
        simulator.AddDomain(Load.Hog);
        SimulatedVcpu other = simulator.AddDomain(Load.Hog)[0];
        simulator.Pin(pinned, PcpuSet.Of(new PcpuId(1)));
        simulator.Pin(other, PcpuSet.Of(new PcpuId(1)));
        simulator.Run(Nanoseconds.FromMilliseconds(333));
        simulator.Tune(pinned.Key.Domain, Values(20, 12));
        simulator.ResetMeasures();
        simulator.Run(HalfAMinute);
        simulator.ShareOf(pinned).Should().BeApproximately(0.6, 0.002);
        simulator.ShareOf(other).Should().BeApproximately(0.2, 0.002, "three are on that pCPU now");
    }

    private SimulatedVcpu Edf(long period, long slice) => _simulator.AddDomain(Values(period, slice), Load.Hog)[0];

    private static Dictionary<string, long> Values(long period, long slice, long extra = 0) =>
        new() { ["period"] = period * 1_000_000, ["slice"] = slice * 1_000_000, ["extratime"] = extra, ["weight"] = 0 };

    private static Dictionary<string, long> Weighted(long weight, long extra) =>
        new() { ["period"] = 0, ["slice"] = 0, ["extratime"] = extra, ["weight"] = weight };
}
