using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>What runs guests after a scheduler plugin has failed: everybody in turn. Small enough not to fail itself.</summary>
internal sealed class FallbackScheduler : IScheduler, IAffineScheduler
{
    private static readonly Nanoseconds Slice = Nanoseconds.FromMilliseconds(10);

    private readonly List<VcpuKey> _queue = [];
    private readonly Dictionary<VcpuKey, PcpuSet> _affinity = [];
    private VcpuKey?[] _running = [];

    public void Start(int pcpuCount, Nanoseconds now) => _running = new VcpuKey?[pcpuCount];

    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
    }

    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        Block(vcpu, now);
        _affinity.Remove(vcpu);
    }

    public void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now) => _affinity[vcpu] = allowed;

    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        if (_queue.Contains(vcpu) || _running.Contains(vcpu))
            return null;
        _queue.Add(vcpu);
        for (int pcpu = 0; pcpu < _running.Length; pcpu++)
        {
            if (_running[pcpu] is null && MayRun(vcpu, pcpu))
                return new PcpuId(pcpu);
        }
        return null;
    }

    public void Block(VcpuKey vcpu, Nanoseconds now)
    {
        _queue.Remove(vcpu);
        int pcpu = Array.IndexOf(_running, vcpu);
        if (pcpu >= 0)
            _running[pcpu] = null;
    }

    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        if (_running[pcpu.Value] is { } previous)
            _queue.Add(previous);
        int next = _queue.FindIndex(vcpu => MayRun(vcpu, pcpu.Value));
        _running[pcpu.Value] = next < 0 ? null : _queue[next];
        if (next < 0)
            return new SchedulingDecision(null, Nanoseconds.Never);
        _queue.RemoveAt(next);
        return new SchedulingDecision(_running[pcpu.Value], Slice);
    }

    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
    }

    private bool MayRun(VcpuKey vcpu, int pcpu) => _affinity.GetValueOrDefault(vcpu, PcpuSet.All).Contains(new PcpuId(pcpu));
}
