using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Calls a scheduler plugin; when it throws, the fallback takes over on the spot. What the caller records about vCPUs it records before the call, so
/// that the fallback can be told the truth at any point.
/// </summary>
internal sealed class GuardedScheduler(IScheduler scheduler, Action<Exception> fallBack)
{
    private IScheduler _scheduler = scheduler;

    internal bool IsFallback => _scheduler is FallbackScheduler;

    /// <summary>Puts another scheduler in its place, which is then to be told everything from <see cref="Start"/> on.</summary>
    internal void Replace(IScheduler scheduler) => _scheduler = scheduler;

    internal void Start(int pcpus, Nanoseconds now) => Call(scheduler => scheduler.Start(pcpus, now));

    internal void Add(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Add(vcpu, now));

    internal void Remove(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Remove(vcpu, now));

    internal void Block(VcpuKey vcpu, Nanoseconds now) => Call(scheduler => scheduler.Block(vcpu, now));

    internal void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now) => Call(scheduler => scheduler.Charge(vcpu, pcpu, ran, now));

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

    private void Call(Action<IScheduler> call)
    {
        try
        {
            call(_scheduler);
        }
        catch (Exception failure) when (!IsFallback)
        {
            // Whatever a plugin throws is the plugin's failure; the fallback's would be ours and is not caught.
            fallBack(failure);
        }
    }
}
