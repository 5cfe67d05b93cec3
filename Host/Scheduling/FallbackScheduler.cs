using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>What runs guests after a scheduler plugin has failed: everybody in turn. Small enough not to fail itself.</summary>
internal sealed class FallbackScheduler : IScheduler
{
    private static readonly Nanoseconds Slice = Nanoseconds.FromMilliseconds(10);

    private readonly List<VcpuKey> _queue = [];
    private VcpuKey?[] _running = [];

    public void Start(int pcpuCount, Nanoseconds now) => _running = new VcpuKey?[pcpuCount];

    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
    }

    public void Remove(VcpuKey vcpu, Nanoseconds now) => Block(vcpu, now);

    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        if (_queue.Contains(vcpu) || _running.Contains(vcpu))
            return null;
        _queue.Add(vcpu);
        int idle = Array.IndexOf(_running, null);
        return idle < 0 ? null : new PcpuId(idle);
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
        _running[pcpu.Value] = _queue.Count == 0 ? null : _queue[0];
        if (_queue.Count == 0)
            return new SchedulingDecision(null, Nanoseconds.Never);
        _queue.RemoveAt(0);
        return new SchedulingDecision(_running[pcpu.Value], Slice);
    }

    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
    }
}
