using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>A round robin that misbehaves in one way once told to.</summary>
internal sealed class FaultyScheduler(string fault) : IScheduler
{
    private readonly RoundRobinScheduler _good = new();
    private readonly List<VcpuKey> _known = [];

    internal bool Armed { get; set; }

    internal List<(VcpuKey Vcpu, Nanoseconds Ran)> Charges { get; } = [];

    public void Start(int pcpuCount, Nanoseconds now)
    {
        Throw(nameof(Start));
        _good.Start(pcpuCount, now);
    }

    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
        Throw(nameof(Add));
        _known.Add(vcpu);
        _good.Add(vcpu, now);
    }

    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        Throw(nameof(Remove));
        _good.Remove(vcpu, now);
    }

    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        Throw(nameof(Wake));
        PcpuId? called = _good.Wake(vcpu, now);
        return Does("pcpu") ? new PcpuId(99) : called;
    }

    public void Block(VcpuKey vcpu, Nanoseconds now)
    {
        Throw(nameof(Block));
        _good.Block(vcpu, now);
    }

    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        Throw(nameof(Next));
        SchedulingDecision decision = _good.Next(pcpu, now);
        if (Does("stranger"))
            return new SchedulingDecision(new VcpuKey(new DomainId(77), new VcpuId(7)), Nanoseconds.Never);
        if (Does("any"))
            return new SchedulingDecision(_known[0], Nanoseconds.Never);
        return decision;
    }

    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
        Throw(nameof(Charge));
        Charges.Add((vcpu, ran));
    }

    private bool Does(string what) => Armed && fault == what;

    private void Throw(string method)
    {
        if (Does(method))
            throw new InvalidOperationException($"{method} of a faulty plugin");
    }
}
