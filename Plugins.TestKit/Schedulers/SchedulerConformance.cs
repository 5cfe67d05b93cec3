using Hospes.Sdk;
using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers.Simulation;
using Xunit;

namespace Hospes.TestKit.Schedulers;

/// <summary>
/// What every scheduler has to do. A plugin's test project inherits this, says how to make its scheduler, and what it promises; the facts below then
/// run against it. The simulator throws when an answer breaks the contract, so many facts only have to come to their end.
/// </summary>
/// <example><code>
/// public sealed class MySchedulerConformance : SchedulerConformance
/// {
///     protected override IScheduler Create() => new MyScheduler();
/// }
/// </code></example>
public abstract class SchedulerConformance
{
    private static readonly Nanoseconds Second = Nanoseconds.FromMilliseconds(1_000);

    /// <summary>No pCPU is idle while a vCPU waits that may run there. False for schedulers that hold vCPUs back or keep them apart.</summary>
    protected virtual bool IsWorkConserving => true;

    /// <summary>The longest that one of four hogs on one pCPU waits; null: it may wait for ever, as under a scheduler that gives pCPUs away for good.</summary>
    protected virtual Nanoseconds? LongestWaitOfFour => Nanoseconds.FromMilliseconds(500);

    /// <summary>How much equal hogs' shares may differ over ten seconds, as a fraction of the fair share; null: it does not share.</summary>
    protected virtual double? Unfairness => 0.05;

    /// <summary>Parameters that the scheduler must refuse, one name and value each.</summary>
    protected virtual IEnumerable<(string Name, long Value)> BadParameters => [];

    /// <summary>A new scheduler as <c>plugins.json</c> without settings would have it.</summary>
    protected abstract IScheduler Create();

    /// <summary>Nothing to run: nothing is named.</summary>
    [Fact]
    public void A_pcpu_without_work_is_left_idle()
    {
        var simulator = new SchedulerSimulator(Create(), 2);
        SimulatedVcpu vcpu = simulator.AddDomain(Load.Hog)[0];
        simulator.Block(vcpu);
        simulator.Run(Second);
        Assert.Equal(0, simulator.ShareOf(vcpu));
    }

    /// <summary>One hog has a pCPU to itself, turn after turn.</summary>
    [Fact]
    public void One_alone_runs_all_the_time()
    {
        var simulator = new SchedulerSimulator(Create(), 2);
        SimulatedVcpu vcpu = simulator.AddDomain(Load.Hog)[0];
        simulator.Run(Second);
        Assert.InRange(simulator.ShareOf(vcpu), 0.99, 1.0);
    }

    /// <summary>As many hogs as pCPUs keep all busy.</summary>
    [Fact]
    public void As_many_hogs_as_pcpus_run_side_by_side()
    {
        var simulator = new SchedulerSimulator(Create(), 4);
        SimulatedVcpu[] hogs = [.. Enumerable.Range(0, 4).Select(_ => simulator.AddDomain(Load.Hog)[0])];
        simulator.Run(Second);
        Assert.All(hogs, hog => Assert.InRange(simulator.ShareOf(hog), 0.98, 1.0));
    }

    /// <summary>Nobody waits for ever.</summary>
    [Fact]
    public void Nobody_starves()
    {
        if (LongestWaitOfFour is not { } longest)
            return;
        var simulator = new SchedulerSimulator(Create(), 1);
        SimulatedVcpu[] hogs = [.. Enumerable.Range(0, 4).Select(_ => simulator.AddDomain(Load.Hog)[0])];
        simulator.Run(new Nanoseconds(10 * Second.Value));
        Assert.All(hogs, hog => Assert.True(hog.LongestWait <= longest, $"{hog.Key} waited {hog.LongestWait}"));
    }

    /// <summary>Nor does one that sleeps and wakes among hogs.</summary>
    [Fact]
    public void A_sleeper_among_hogs_runs_soon_after_it_wakes()
    {
        if (LongestWaitOfFour is not { } longest)
            return;
        var simulator = new SchedulerSimulator(Create(), 1);
        for (int hog = 0; hog < 3; hog++)
            simulator.AddDomain(Load.Hog);
        SimulatedVcpu sleeper = simulator.AddDomain(Load.Sleeper(Nanoseconds.FromMilliseconds(1), Nanoseconds.FromMilliseconds(20)))[0];
        simulator.Run(new Nanoseconds(10 * Second.Value));
        Assert.NotEmpty(sleeper.Latencies);
        Assert.True(sleeper.LongestWait <= longest, $"it waited {sleeper.LongestWait}");
    }

    /// <summary>Equals get equal shares.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 5)]
    [InlineData(4, 8)]
    public void Equal_hogs_get_equal_shares(int pcpus, int hogs)
    {
        if (Unfairness is not { } limit)
            return;
        var simulator = new SchedulerSimulator(Create(), pcpus);
        SimulatedVcpu[] all = [.. Enumerable.Range(0, hogs).Select(_ => simulator.AddDomain(Load.Hog)[0])];
        simulator.Run(new Nanoseconds(10 * Second.Value));
        double[] ideal = [.. Enumerable.Repeat(pcpus / (double)hogs, hogs)];
        Assert.InRange(FairShares.Error(ideal, [.. all.Select(hog => simulator.ShareOf(hog))]), 0, limit);
    }

    /// <summary>Work is done where there is room for it.</summary>
    [Fact]
    public void No_pcpu_is_idle_while_somebody_waits()
    {
        if (!IsWorkConserving)
            return;
        var simulator = new SchedulerSimulator(Create(), 3);
        for (int domain = 0; domain < 6; domain++)
            simulator.AddDomain(Load.Bursts(Nanoseconds.FromMilliseconds(3), Nanoseconds.FromMilliseconds(3)), Load.Hog);
        simulator.Run(new Nanoseconds(10 * Second.Value));
        Assert.Equal(0, simulator.IdleWhileWaiting.Value);
    }

    /// <summary>A vCPU that is gone is never named again, wherever it was.</summary>
    [Fact]
    public void Those_that_are_gone_leave_no_trace()
    {
        var simulator = new SchedulerSimulator(Create(), 1);
        SimulatedVcpu[] doomed = [.. Enumerable.Range(0, 4).Select(_ => simulator.AddDomain(Load.Hog)[0])];
        SimulatedVcpu survivor = simulator.AddDomain(Load.Hog)[0];
        foreach (SimulatedVcpu vcpu in doomed)
        {
            simulator.Run(Nanoseconds.FromMilliseconds(35));
            simulator.Remove(vcpu);
        }
        simulator.ResetMeasures();
        simulator.Run(Second);
        Assert.InRange(simulator.ShareOf(survivor), 0.99, 1.0);
    }

    /// <summary>Anything at any time, many times over: the simulator finds answers that break the contract.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_storm_of_everything_breaks_nothing(int seed)
    {
        var random = new Random(seed);
        IScheduler scheduler = Create();
        var simulator = new SchedulerSimulator(scheduler, 1 + random.Next(6), seed: seed);
        for (int step = 0; step < 3_000; step++)
        {
            SimulatedVcpu[] all = [.. simulator.Vcpus];
            SimulatedVcpu? one = all.Length == 0 ? null : all[random.Next(all.Length)];
            switch (random.Next(8))
            {
                case 0 when all.Length < 40:
                    simulator.AddDomain([.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => AnyLoad(random))]);
                    break;
                case 1 when one is not null && random.Next(3) == 0:
                    simulator.Remove(one);
                    break;
                case 2 when one is not null:
                    simulator.Block(one);
                    break;
                case 3 when one is not null && scheduler is IAffineScheduler:
                    simulator.Pin(one, new PcpuSet((ulong)random.Next(1, 64) | 1));
                    break;
                case 4 when one is not null && scheduler is ITunableScheduler tunable:
                    Tune(simulator, tunable, one.Key.Domain, random);
                    break;
                default:
                    if (one is not null)
                        simulator.Wake(one);
                    break;
            }
            simulator.Run(new Nanoseconds(random.NextInt64(5_000_000)));
        }
    }

    /// <summary>The same calls give the same answers.</summary>
    [Fact]
    public void It_decides_by_what_it_is_told_and_nothing_else()
    {
        Assert.Equal(Mixed(), Mixed());

        long[] Mixed()
        {
            var simulator = new SchedulerSimulator(Create(), 2);
            for (int domain = 0; domain < 5; domain++)
                simulator.AddDomain(Load.Bursts(Nanoseconds.FromMilliseconds(4), Nanoseconds.FromMilliseconds(2)), Load.Hog);
            simulator.Run(new Nanoseconds(3 * Second.Value));
            return [.. simulator.Vcpus.Select(static vcpu => vcpu.Used.Value)];
        }
    }

    /// <summary>A pinned vCPU runs where it may and nowhere else, also when it was pinned while it ran. Only for schedulers that pin.</summary>
    [Fact]
    public void Pinned_vcpus_run_where_they_may()
    {
        IScheduler scheduler = Create();
        if (scheduler is not IAffineScheduler)
            return;
        var simulator = new SchedulerSimulator(scheduler, 3);
        SimulatedVcpu hog = simulator.AddDomain(Load.Hog)[0];
        foreach (int pcpu in (int[])[2, 0, 1, 2])
        {
            simulator.Pin(hog, PcpuSet.Of(new PcpuId(pcpu)));
            simulator.ResetMeasures();
            simulator.Run(Second);
            Assert.InRange(simulator.ShareOf(hog), 0.98, 1.0);
            Assert.Equal(0, hog.Migrations);
        }
    }

    /// <summary>Parameters read back as they were written, and bad ones change nothing. Only for schedulers that have some.</summary>
    [Fact]
    public void Parameters_are_kept_and_bad_ones_refused()
    {
        IScheduler scheduler = Create();
        if (scheduler is not ITunableScheduler tunable)
            return;
        var simulator = new SchedulerSimulator(scheduler, 1);
        SimulatedVcpu vcpu = simulator.AddDomain(Load.Hog)[0];
        IReadOnlyDictionary<string, long> before = tunable.Read(vcpu.Key.Domain);
        Assert.Equal(tunable.Parameters.ToDictionary(static parameter => parameter.Name, static parameter => parameter.Default), before);
        simulator.Tune(vcpu.Key.Domain, before);
        foreach ((string name, long value) in BadParameters)
            Assert.Throws<SchedulerParameterException>(() => simulator.Tune(vcpu.Key.Domain, new Dictionary<string, long> { [name] = value }));
        Assert.Equal(before, tunable.Read(vcpu.Key.Domain));
        simulator.Run(Second);
        Assert.InRange(simulator.ShareOf(vcpu), 0.98, 1.0);
    }

    private static Load AnyLoad(Random random) => random.Next(3) switch
    {
        0 => Load.Hog,
        1 => Load.Sleeper(new Nanoseconds(random.NextInt64(1, 3_000_000)), new Nanoseconds(random.NextInt64(1, 30_000_000))),
        _ => Load.Bursts(new Nanoseconds(random.NextInt64(1, 3_000_000)), new Nanoseconds(random.NextInt64(1, 3_000_000))),
    };

    private static void Tune(SchedulerSimulator simulator, ITunableScheduler tunable, DomainId domain, Random random)
    {
        SchedulerParameter parameter = tunable.Parameters[random.Next(tunable.Parameters.Count)];
        long value = random.Next(4) switch
        {
            0 => random.NextInt64(),
            1 => -random.NextInt64(),
            2 => random.NextInt64(100),
            _ => random.NextInt64(100_000_000),
        };
        try
        {
            simulator.Tune(domain, new Dictionary<string, long> { [parameter.Name] = value });
        }
        catch (SchedulerParameterException)
        {
            // Most values are nonsense; what counts is that nothing breaks.
        }
    }
}
