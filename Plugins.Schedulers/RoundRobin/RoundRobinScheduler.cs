using System.Text.Json;
using Hospes.Sdk;
using Hospes.Sdk.Composition;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.RoundRobin;

/// <summary>One queue for all pCPUs; everybody runnable gets the same slice in turn where it may run. No weights, no caps.</summary>
[Scheduler("round-robin")]
public sealed class RoundRobinScheduler : IScheduler, IAffineScheduler, IPluginSettings
{
    private readonly LinkedList<VcpuKey> _queue = new();
    private readonly Dictionary<VcpuKey, Place> _places = [];
    private readonly Dictionary<VcpuKey, PcpuSet> _affinity = [];
    private Turn[] _turns = [];
    private Nanoseconds _slice = RoundRobinOptions.DefaultSlice;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> KnownSettings => RoundRobinOptions.Names;

    /// <inheritdoc/>
    public void Configure(JsonElement settings) => _slice = RoundRobinOptions.Parse(settings).Slice;

    /// <inheritdoc/>
    public void Start(int pcpuCount, Nanoseconds now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pcpuCount, 1);
        _turns = new Turn[pcpuCount];
    }

    /// <inheritdoc/>
    public void Add(VcpuKey vcpu, Nanoseconds now) => _places.Add(vcpu, default);

    /// <inheritdoc/>
    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        Leave(vcpu);
        _places.Remove(vcpu);
        _affinity.Remove(vcpu);
    }

    /// <inheritdoc/>
    public void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now) => _affinity[vcpu] = allowed;

    /// <inheritdoc/>
    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        Place place = _places[vcpu];
        if (place.Queued is not null || place.Pcpu is not null)
            return null;
        Enqueue(vcpu);
        return CallIdle(vcpu);
    }

    /// <inheritdoc/>
    public void Block(VcpuKey vcpu, Nanoseconds now) => Leave(vcpu);

    /// <inheritdoc/>
    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        ref Turn turn = ref _turns[pcpu.Value];
        if (turn.Vcpu is { } previous)
            Enqueue(previous);
        turn = default;
        if (FirstFor(pcpu) is not { } head)
        {
            turn.Idle = true;
            return new SchedulingDecision(null, Nanoseconds.Never);
        }
        _queue.Remove(head);
        _places[head.Value] = new Place(null, pcpu);
        turn.Vcpu = head.Value;
        return new SchedulingDecision(head.Value, _slice);
    }

    /// <summary>Round robin counts turns, not time.</summary>
    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
    }

    private LinkedListNode<VcpuKey>? FirstFor(PcpuId pcpu)
    {
        LinkedListNode<VcpuKey>? node = _queue.First;
        while (node is not null && !MayRun(node.Value, pcpu))
            node = node.Next;
        return node;
    }

    private bool MayRun(VcpuKey vcpu, PcpuId pcpu) => !_affinity.TryGetValue(vcpu, out PcpuSet allowed) || allowed.Contains(pcpu);

    private void Enqueue(VcpuKey vcpu) => _places[vcpu] = new Place(_queue.AddLast(vcpu), null);

    private void Leave(VcpuKey vcpu)
    {
        Place place = _places[vcpu];
        if (place.Queued is not null)
            _queue.Remove(place.Queued);
        if (place.Pcpu is { } pcpu)
            _turns[pcpu.Value].Vcpu = null;
        _places[vcpu] = default;
    }

    // An idle pCPU is called once: it stays out of the choice until it has asked, so that two wake-ups in a row call two pCPUs.
    private PcpuId? CallIdle(VcpuKey vcpu)
    {
        for (int pcpu = 0; pcpu < _turns.Length; pcpu++)
        {
            if (!_turns[pcpu].Idle || !MayRun(vcpu, new PcpuId(pcpu)))
                continue;
            _turns[pcpu].Idle = false;
            return new PcpuId(pcpu);
        }
        return null;
    }

    /// <summary>Where a vCPU is: in the queue, on a pCPU, or in neither when it is blocked.</summary>
    private readonly record struct Place(LinkedListNode<VcpuKey>? Queued, PcpuId? Pcpu);

    /// <summary>What a pCPU is doing; neither running nor idle means that it is about to ask.</summary>
    private struct Turn
    {
        internal VcpuKey? Vcpu;
        internal bool Idle;
    }
}
