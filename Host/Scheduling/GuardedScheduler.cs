using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Calls a scheduler plugin; when it throws, the fallback takes over on the spot. What the caller records about vCPUs it records before the call, so
/// that the fallback can be told the truth at any point.
/// </summary>
internal sealed class GuardedScheduler(Action<Exception> fallBack, CallWatch watch)
{
    private IScheduler _scheduler = new FallbackScheduler();

    internal bool IsFallback => _scheduler is FallbackScheduler;

    /// <summary>vCPUs can be kept to some pCPUs.</summary>
    internal bool IsAffine => _scheduler is IAffineScheduler;

    /// <summary>What can be set for domains.</summary>
    internal IReadOnlyList<SchedulerParameter> Parameters { get; private set; } = [];

    /// <summary>Its longer name, if it has one.</summary>
    internal string? Title { get; private set; }

    /// <summary>When <see cref="Tick"/> is due.</summary>
    internal Nanoseconds NextTick => _scheduler is ITimedScheduler
        ? Call(false, static (scheduler, _) => ((ITimedScheduler)scheduler).NextTick, failed: Nanoseconds.Never)
        : Nanoseconds.Never;

    /// <summary>Puts a scheduler in its place, which is then to be told everything from <see cref="Start"/> on.</summary>
    internal void Replace(IScheduler scheduler)
    {
        _scheduler = scheduler;
        Parameters = [];
        Title = null;
        Title = Call<bool, string?>(false, static (plugin, _) => (plugin as ITitledScheduler)?.Title, failed: null);
        Parameters = Call<bool, IReadOnlyList<SchedulerParameter>>(false, static (plugin, _) => [.. (plugin as ITunableScheduler)?.Parameters ?? []], failed: []);
    }

    internal void Start(IReadOnlyList<PcpuPlace> places, Nanoseconds now) => Call((places, now), static (scheduler, start) =>
    {
        (scheduler as ITopologyScheduler)?.SetTopology(start.places);
        scheduler.Start(start.places.Count, start.now);
    });

    internal void Add(VcpuKey vcpu, Nanoseconds now) => Call((vcpu, now), static (scheduler, added) => scheduler.Add(added.vcpu, added.now));

    internal void Remove(VcpuKey vcpu, Nanoseconds now) => Call((vcpu, now), static (scheduler, removed) => scheduler.Remove(removed.vcpu, removed.now));

    internal void Block(VcpuKey vcpu, Nanoseconds now) => Call((vcpu, now), static (scheduler, blocked) => scheduler.Block(blocked.vcpu, blocked.now));

    internal void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now) =>
        Call((vcpu, pcpu, ran, now), static (scheduler, charge) => scheduler.Charge(charge.vcpu, charge.pcpu, charge.ran, charge.now));

    internal void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now) =>
        Call((vcpu, allowed, now), static (scheduler, pinned) => (scheduler as IAffineScheduler)?.SetAffinity(pinned.vcpu, pinned.allowed, pinned.now));

    /// <summary>The parameters of a domain; none when the scheduler has none, or failed.</summary>
    internal IReadOnlyDictionary<string, long> Read(DomainId domain)
    {
        Dictionary<string, long> values = new(StringComparer.Ordinal);
        Call((domain, values), static (scheduler, read) =>
        {
            foreach ((string name, long value) in (scheduler as ITunableScheduler)?.Read(read.domain) ?? read.values)
                read.values[name] = value;
        });
        return values;
    }

    /// <summary>Sets parameters of a domain.</summary>
    /// <exception cref="SchedulerParameterException">The scheduler refuses them, which is no failure of it.</exception>
    internal void Write(DomainId domain, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        SchedulerParameterException? refusal = Call<(DomainId Domain, IReadOnlyDictionary<string, long> Values, Nanoseconds Now), SchedulerParameterException?>(
            (domain, values, now),
            static (scheduler, written) =>
            {
                try
                {
                    (scheduler as ITunableScheduler)?.Write(written.Domain, written.Values, written.Now);
                    return null;
                }
                catch (SchedulerParameterException refused)
                {
                    return refused;
                }
            },
            failed: null);
        if (refusal is not null)
            throw refusal;
    }

    /// <summary>Null also when the plugin failed: then every pCPU will be asked.</summary>
    internal PcpuId? Wake(VcpuKey vcpu, Nanoseconds now) =>
        Call<(VcpuKey Vcpu, Nanoseconds Now), PcpuId?>((vcpu, now), static (scheduler, woken) => scheduler.Wake(woken.Vcpu, woken.Now), failed: null);

    /// <summary>Null when the plugin failed.</summary>
    internal SchedulingDecision? Next(PcpuId pcpu, Nanoseconds now) =>
        Call<(PcpuId Pcpu, Nanoseconds Now), SchedulingDecision?>((pcpu, now), static (scheduler, asked) => scheduler.Next(asked.Pcpu, asked.Now), failed: null);

    /// <summary>The pCPUs to ask again.</summary>
    internal PcpuSet Tick(Nanoseconds now) =>
        Call(now, static (scheduler, tick) => (scheduler as ITimedScheduler)?.Tick(tick) ?? PcpuSet.Empty, failed: PcpuSet.Empty);

    private void Call<TState>(TState state, Action<IScheduler, TState> call) => Call(
        (state, call),
        static (scheduler, inner) =>
        {
            inner.call(scheduler, inner.state);
            return true;
        },
        failed: false);

    // What a call needs is passed through: this runs thousands of times a second, and a lambda that captures is an allocation.
    private TResult Call<TState, TResult>(TState state, Func<IScheduler, TState, TResult> call, TResult failed)
    {
        IScheduler scheduler = _scheduler;
        watch.Begin();
        TResult result;
        try
        {
            result = call(scheduler, state);
        }
        catch (Exception failure) when (!IsFallback)
        {
            // Whatever a plugin throws is the plugin's failure; the fallback's would be ours and is not caught.
            watch.End();
            fallBack(failure);
            return failed;
        }

        watch.End();
        return result;
    }
}
