using Hospes.Sdk;
using Hospes.TestKit.Schedulers.Simulation;

namespace Hospes.Schedulers.Credit;

public sealed class CreditSharesTests
{
    private static readonly Nanoseconds HalfAMinute = Nanoseconds.FromMilliseconds(30_000);

    [Theory]
    [InlineData(1, 512, 256)]
    [InlineData(2, 512, 256, 256)]
    [InlineData(2, 256, 256, 256)]
    [InlineData(2, 1024, 256, 256, 256)]
    [InlineData(2, 65535, 1, 1)]
    [InlineData(4, 100, 200, 300, 400, 500, 600)]
    [InlineData(8, 256, 256, 256, 256, 256, 256, 256, 256, 256)]
    public void Hogs_get_cpu_time_by_weight(int pcpus, params int[] weights)
    {
        SchedulerSimulator simulator = new(new CreditScheduler(), pcpus);
        SimulatedVcpu[] hogs = [.. weights.Select(weight => simulator.AddDomain(Tuning(weight), Load.Hog)[0])];
        simulator.Run(HalfAMinute);

        double[] ideal = FairShares.Ideal(pcpus, [.. weights.Select(weight => ((double)weight, 1.0))]);
        double[] shares = [.. hogs.Select(hog => simulator.ShareOf(hog))];
        FairShares.Error(ideal, shares).Should().BeLessThan(0.02, "{0} is to be {1}", string.Join(' ', shares), string.Join(' ', ideal));
        simulator.IdleWhileWaiting.Should().Be(default(Nanoseconds));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(20)]
    [InlineData(5)]
    [InlineData(99)]
    public void A_cap_holds_though_pcpus_are_idle(int cap)
    {
        SchedulerSimulator simulator = new(new CreditScheduler(), 2);
        SimulatedVcpu hog = simulator.AddDomain(Tuning(256, cap), Load.Hog)[0];
        simulator.Run(HalfAMinute);
        simulator.ShareOf(hog).Should().BeApproximately(cap / 100.0, 0.005);
    }

    [Fact]
    public void A_cap_of_an_smp_domain_is_for_all_its_vcpus_together()
    {
        SchedulerSimulator simulator = new(new CreditScheduler(), 4);
        SimulatedVcpu[] hogs = simulator.AddDomain(Tuning(256, 150), Load.Hog, Load.Hog, Load.Hog);
        simulator.Run(HalfAMinute);
        simulator.ShareOf(hogs).Should().BeApproximately(1.5, 0.02);
    }

    [Fact]
    public void Smp_domains_share_by_the_domains_weight_and_not_by_the_number_of_vcpus()
    {
        SchedulerSimulator simulator = new(new CreditScheduler(), 2);
        SimulatedVcpu[] many = simulator.AddDomain(Tuning(256), Load.Hog, Load.Hog, Load.Hog, Load.Hog);
        SimulatedVcpu[] two = simulator.AddDomain(Tuning(256), Load.Hog, Load.Hog);
        simulator.Run(HalfAMinute);
        simulator.ShareOf(many).Should().BeApproximately(1, 0.02);
        simulator.ShareOf(two).Should().BeApproximately(1, 0.02);
    }

    [Fact]
    public void One_that_mostly_sleeps_runs_at_once_when_it_wakes()
    {
        SchedulerSimulator simulator = new(new CreditScheduler(), 1);
        simulator.AddDomain(Load.Hog);
        simulator.AddDomain(Load.Hog);
        SimulatedVcpu sleeper = simulator.AddDomain(Load.Bursts(new(200_000), Nanoseconds.FromMilliseconds(5)))[0];
        simulator.Run(HalfAMinute);
        sleeper.Latencies.Should().HaveCountGreaterThan(4_000);
        sleeper.Latencies.Order().ElementAt(sleeper.Latencies.Count * 99 / 100).Should().Be(default(Nanoseconds));
    }

    private static Dictionary<string, long> Tuning(long weight, long cap = 0) => new() { ["weight"] = weight, ["cap"] = cap };
}
