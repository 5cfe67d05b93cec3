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

    /// <summary>When <see cref="Tick"/> is due.</summary>
    internal Nanoseconds NextTick
    {
        get
        {
            Nanoseconds next = Nanoseconds.Never;
            if (_scheduler is ITimedScheduler)
                Call(scheduler => next = ((ITimedScheduler)scheduler).NextTick);
            return next;
        }
    }

    /// <summary>Puts a scheduler in its place, which is then to be told everything from <see cref="Start"/> on.</summary>
    internal void Replace(IScheduler scheduler)
    {
        _scheduler = scheduler;
        Parameters = [];
        if (scheduler is ITunableScheduler)
            Call(plugin => Parameters = [.. ((ITunableScheduler)plugin).Parameters]);
    }

    internal void Start(IReadOnlyList<PcpuPlace> places, Nanoseconds now) => Call(scheduler =>
    {
        (scheduler as ITopologyScheduler)?.SetTopology(places);
        scheduler.Start(places.Count, now);
    });

    internal void Add(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Add(vcpu, now));

    internal void Remove(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Remove(vcpu, now));

    internal void Block(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Block(vcpu, now));

    internal void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now) => Call(scheduler => scheduler.Charge(vcpu, pcpu, ran, now));

    internal void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now) =>
        Call(scheduler => (scheduler as IAffineScheduler)?.SetAffinity(vcpu, allowed, now));

    /// <summary>The parameters of a domain; none when the scheduler has none, or failed.</summary>
    internal IReadOnlyDictionary<string, long> Read(DomainId domain)
    {
        Dictionary<string, long> values = new(StringComparer.Ordinal);
        Call(scheduler =>
        {
            foreach ((string name, long value) in (scheduler as ITunableScheduler)?.Read(domain) ?? values)
                values[name] = value;
        });
        return values;
    }

    /// <summary>Sets parameters of a domain.</summary>
    /// <exception cref="SchedulerParameterException">The scheduler refuses them, which is no failure of it.</exception>
    internal void Write(DomainId domain, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        SchedulerParameterException? refusal = null;
        Call(scheduler =>
        {
            try
            {
                (scheduler as ITunableScheduler)?.Write(domain, values, now);
            }
            catch (SchedulerParameterException refused)
            {
                refusal = refused;
            }
        });
        if (refusal is not null)
            throw refusal;
    }

    /// <summary>Null also when the plugin failed: then every pCPU will be asked.</summary>
    internal PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        PcpuId? called = null;
        Call(scheduler => called = scheduler.Wake(vcpu, now));
        return called;
    }

    /// <summary>Null when the plugin failed.</summary>
    internal SchedulingDecision? Next(PcpuId pcpu, Nanoseconds now)
    {
        SchedulingDecision? decision = null;
        Call(scheduler => decision = scheduler.Next(pcpu, now));
        return decision;
    }

    /// <summary>The pCPUs to ask again.</summary>
    internal PcpuSet Tick(Nanoseconds now)
    {
        PcpuSet asked = PcpuSet.Empty;
        Call(scheduler => asked = (scheduler as ITimedScheduler)?.Tick(now) ?? PcpuSet.Empty);
        return asked;
    }

    private void Call(Action<IScheduler> call)
    {
        IScheduler scheduler = _scheduler;
        watch.Begin();
        try
        {
            call(scheduler);
        }
        catch (Exception failure) when (!IsFallback)
        {
            // Whatever a plugin throws is the plugin's failure; the fallback's would be ours and is not caught.
            watch.End();
            fallBack(failure);
            return;
        }

        watch.End();
    }
}
