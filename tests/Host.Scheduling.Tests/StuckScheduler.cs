using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>A round robin that does not come back from a decision until it is let go on.</summary>
internal sealed class StuckScheduler : IScheduler, IDisposable
{
    private readonly RoundRobinScheduler _good = new();

    internal volatile bool Sticks;

    internal ManualResetEventSlim IsStuck { get; } = new();

    internal ManualResetEventSlim GoOn { get; } = new();

    public void Start(int pcpuCount, Nanoseconds now) => _good.Start(pcpuCount, now);

    public void Add(VcpuKey vcpu, Nanoseconds now) => _good.Add(vcpu, now);

    public void Remove(VcpuKey vcpu, Nanoseconds now) => _good.Remove(vcpu, now);

    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now) => _good.Wake(vcpu, now);

    public void Block(VcpuKey vcpu, Nanoseconds now) => _good.Block(vcpu, now);

    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        if (Sticks)
        {
            IsStuck.Set();
            GoOn.Wait();
        }
        return _good.Next(pcpu, now);
    }

    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now) => _good.Charge(vcpu, pcpu, ran, now);

    public void Dispose()
    {
        GoOn.Set();
        IsStuck.Dispose();
    }
}
