using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>
/// Runs a scheduler against synthetic loads on simulated time: no thread, no clock, the same result every time. It calls the scheduler in the order
/// that the Host does, holds each answer against the contract, and measures.
/// </summary>
/// <example><code>
/// var simulator = new SchedulerSimulator(new MyScheduler(), pcpus: 2);
/// SimulatedVcpu hog = simulator.AddDomain(Load.Hog)[0];
/// SimulatedVcpu sleeper = simulator.AddDomain(Load.Sleeper(burst, sleep))[0];
/// simulator.Run(Nanoseconds.FromMilliseconds(30_000));
/// double share = simulator.ShareOf(hog);
/// </code></example>
public sealed class SchedulerSimulator
{
    private static readonly Nanoseconds ShortestSlice = new(50_000);

    private readonly IScheduler _scheduler;
    private readonly ITimedScheduler? _timed;
    private readonly SimulatedPcpu[] _pcpus;
    private readonly Dictionary<VcpuKey, SimulatedVcpu> _vcpus = [];
    private readonly int _seed;
    private Nanoseconds _measuredFrom;
    private ushort _lastDomain;

    /// <summary>Starts the scheduler.</summary>
    /// <param name="scheduler">The one to try; nobody else calls it.</param>
    /// <param name="pcpus">How many pCPUs there are.</param>
    /// <param name="topology">Their places; null: each a socket of its own.</param>
    /// <param name="seed">What random loads start from.</param>
    public SchedulerSimulator(IScheduler scheduler, int pcpus, IReadOnlyList<PcpuPlace>? topology = null, int seed = 1)
    {
        _scheduler = scheduler;
        _timed = scheduler as ITimedScheduler;
        _seed = seed;
        _pcpus = [.. Enumerable.Range(0, pcpus).Select(static pcpu => new SimulatedPcpu(new PcpuId(pcpu)))];
        (scheduler as ITopologyScheduler)?.SetTopology(topology ?? [.. Enumerable.Range(0, pcpus).Select(static pcpu => new PcpuPlace(pcpu, 0))]);
        scheduler.Start(pcpus, Now);
        _measuredFrom = Now;
        Settle();
    }

    /// <summary>The simulated time.</summary>
    public Nanoseconds Now { get; private set; } = Nanoseconds.FromMilliseconds(1);

    /// <summary>All vCPUs there are.</summary>
    public IReadOnlyCollection<SimulatedVcpu> Vcpus => _vcpus.Values;

    /// <summary>Time, summed over pCPUs, that a pCPU was idle although a vCPU waited that may run there: zero for a work-conserving scheduler.</summary>
    public Nanoseconds IdleWhileWaiting { get; private set; }

    /// <summary>How many times the scheduler was called.</summary>
    public long Calls { get; private set; }

    /// <summary>Adds a domain with the next free number, one vCPU for each load; all wake at once.</summary>
    public SimulatedVcpu[] AddDomain(params Load[] loads) => AddDomain(null, loads);

    /// <summary>Adds a domain and sets parameters of it before its vCPUs wake.</summary>
    public SimulatedVcpu[] AddDomain(IReadOnlyDictionary<string, long>? parameters, params Load[] loads)
    {
        var id = new DomainId(++_lastDomain);
        SimulatedVcpu[] added = [.. loads.Select((load, vcpu) => Add(new VcpuKey(id, new VcpuId(vcpu)), load))];
        if (parameters is not null)
            Tune(id, parameters);
        foreach (SimulatedVcpu vcpu in added)
            Wake(vcpu);
        return added;
    }

    /// <summary>Takes a vCPU away, whatever it is doing.</summary>
    public void Remove(SimulatedVcpu vcpu)
    {
        Free(vcpu);
        _vcpus.Remove(vcpu.Key);
        Call(() => _scheduler.Remove(vcpu.Key, Now));
        Array.ForEach(_pcpus, static pcpu => pcpu.Ask |= pcpu.Holder is null);
        Settle();
    }

    /// <summary>Wakes a vCPU that sleeps; nothing when it does not.</summary>
    public void Wake(SimulatedVcpu vcpu)
    {
        if (vcpu.IsRunnable)
            return;
        vcpu.Wake(Now);
        NotifyWake(vcpu);
        Settle();
    }

    /// <summary>Puts a vCPU to sleep, as a pause does; it wakes as its load says, or by <see cref="Wake"/>.</summary>
    public void Block(SimulatedVcpu vcpu)
    {
        if (!vcpu.IsRunnable)
            return;
        PutToSleep(vcpu);
        Settle();
    }

    /// <summary>Keeps a vCPU to some pCPUs.</summary>
    public void Pin(SimulatedVcpu vcpu, PcpuSet allowed)
    {
        vcpu.Affinity = allowed;
        Call(() => ((IAffineScheduler)_scheduler).SetAffinity(vcpu.Key, allowed, Now));
        foreach (SimulatedPcpu pcpu in _pcpus)
            pcpu.Ask |= pcpu.Holder == vcpu && !allowed.Contains(pcpu.Id);
        Settle();
        foreach (SimulatedPcpu pcpu in _pcpus)
            pcpu.Ask |= pcpu.Holder is null;
        Settle();
    }

    /// <summary>Sets parameters of a domain.</summary>
    public void Tune(DomainId domain, IReadOnlyDictionary<string, long> values)
    {
        Call(() => ((ITunableScheduler)_scheduler).Write(domain, values, Now));
        Settle();
    }

    /// <summary>Lets time pass.</summary>
    public void Run(Nanoseconds span)
    {
        for (Nanoseconds end = Now + span; Now < end;)
        {
            Nanoseconds next = Earlier(end, NextEvent());
            Pass(next > Now ? next : Now);
            DoWhatIsDue();
            Settle();
        }
        foreach (SimulatedVcpu vcpu in _vcpus.Values)
            vcpu.NoteWait(Now);
    }

    /// <summary>Measures from here on, as if the simulation began now.</summary>
    public void ResetMeasures()
    {
        _measuredFrom = Now;
        IdleWhileWaiting = default;
        Calls = 0;
        foreach (SimulatedVcpu vcpu in _vcpus.Values)
            vcpu.ResetMeasures(Now);
    }

    /// <summary>How many pCPUs vCPUs have had on average since the measurements began: 0.5 is half of one.</summary>
    public double ShareOf(params IEnumerable<SimulatedVcpu> vcpus) => vcpus.Sum(static vcpu => vcpu.Used.Value) / (double)(Now - _measuredFrom).Value;

    private SimulatedVcpu Add(VcpuKey key, Load load)
    {
        var vcpu = new SimulatedVcpu(key, load, HashCode(key));
        _vcpus.Add(key, vcpu);
        Call(() => _scheduler.Add(key, Now));
        return vcpu;
    }

    private int HashCode(VcpuKey key) => (_seed * 31 + key.Domain.Value) * 64 + key.Vcpu.Value;

    private Nanoseconds NextEvent()
    {
        Nanoseconds next = _timed?.NextTick ?? Nanoseconds.Never;
        foreach (SimulatedPcpu pcpu in _pcpus)
        {
            next = Earlier(next, pcpu.TurnEnds);
            if (pcpu.Holder is { } holder && holder.BurstLeft != Nanoseconds.Never)
                next = Earlier(next, Now + holder.BurstLeft);
        }
        foreach (SimulatedVcpu vcpu in _vcpus.Values)
            next = Earlier(next, vcpu.WakesAt);
        return next;
    }

    private void Pass(Nanoseconds until)
    {
        Nanoseconds span = until - Now;
        foreach (SimulatedPcpu pcpu in _pcpus)
        {
            pcpu.Holder?.Use(span);
            if (pcpu.Holder is not null)
                pcpu.Uncharged += span;
            else if (_vcpus.Values.Any(vcpu => vcpu.IsReady && vcpu.Affinity.Contains(pcpu.Id)))
                IdleWhileWaiting += span;
        }
        Now = until;
    }

    private void DoWhatIsDue()
    {
        foreach (SimulatedPcpu pcpu in _pcpus)
        {
            if (pcpu.Holder is { } holder && holder.BurstLeft <= default(Nanoseconds))
                PutToSleep(holder);
        }
        foreach (SimulatedVcpu vcpu in _vcpus.Values.Where(vcpu => vcpu.WakesAt <= Now).ToList())
        {
            vcpu.Wake(Now);
            NotifyWake(vcpu);
        }
        Tick();
        foreach (SimulatedPcpu pcpu in _pcpus)
            pcpu.Ask |= pcpu.TurnEnds <= Now;
    }

    private void Tick()
    {
        if (_timed is null || _timed.NextTick > Now)
            return;
        foreach (SimulatedPcpu pcpu in _pcpus)
            Charge(pcpu);
        PcpuSet asked = default;
        Call(() => asked = _timed.Tick(Now));
        if (_timed.NextTick <= Now)
            throw Fault($"after a tick the next one is due at {_timed.NextTick}, which is not later");
        foreach (SimulatedPcpu pcpu in _pcpus)
            pcpu.Ask |= asked.Contains(pcpu.Id);
    }

    private void PutToSleep(SimulatedVcpu vcpu)
    {
        Free(vcpu);
        vcpu.Sleep(Now);
        Call(() => _scheduler.Block(vcpu.Key, Now));
    }

    private void Free(SimulatedVcpu vcpu)
    {
        if (vcpu.Pcpu is not { } on)
            return;
        SimulatedPcpu pcpu = _pcpus[on.Value];
        Charge(pcpu);
        pcpu.Holder = null;
        pcpu.Ask = true;
    }

    private void NotifyWake(SimulatedVcpu vcpu)
    {
        PcpuId? called = null;
        Call(() => called = _scheduler.Wake(vcpu.Key, Now));
        if (called is not { } pcpu)
            return;
        if ((uint)pcpu.Value >= (uint)_pcpus.Length)
            throw Fault($"waking {vcpu.Key} it called pCPU {pcpu}, and there are {_pcpus.Length}");
        _pcpus[pcpu.Value].Ask = true;
    }

    private void Charge(SimulatedPcpu pcpu)
    {
        if (pcpu.Holder is not { } holder || pcpu.Uncharged == default)
            return;
        Nanoseconds ran = pcpu.Uncharged;
        pcpu.Uncharged = default;
        Call(() => _scheduler.Charge(holder.Key, pcpu.Id, ran, Now));
    }

    // All holders that are asked back have given back before the scheduler is asked, as in the Host.
    private void Settle()
    {
        foreach (SimulatedPcpu pcpu in _pcpus)
        {
            if (!pcpu.Ask || pcpu.Holder is not { } holder)
                continue;
            Charge(pcpu);
            pcpu.Holder = null;
            holder.BeReady(Now);
        }
        foreach (SimulatedPcpu pcpu in _pcpus)
        {
            if (!pcpu.Ask)
                continue;
            pcpu.Ask = false;
            Decide(pcpu);
        }
    }

    private void Decide(SimulatedPcpu pcpu)
    {
        SchedulingDecision decision = default;
        Call(() => decision = _scheduler.Next(pcpu.Id, Now));
        Nanoseconds slice = decision.Slice < ShortestSlice ? ShortestSlice : decision.Slice;
        pcpu.TurnEnds = slice.Value > Nanoseconds.Never.Value - Now.Value ? Nanoseconds.Never : Now + slice;
        if (decision.Vcpu is not { } key)
            return;
        if (!_vcpus.TryGetValue(key, out SimulatedVcpu? vcpu))
            throw Fault($"for pCPU {pcpu.Id} it named {key}, which does not exist");
        if (!vcpu.IsReady)
            throw Fault($"for pCPU {pcpu.Id} it named {key}, which {(vcpu.Pcpu is { } other ? $"runs on pCPU {other}" : "is not runnable")}");
        if (!vcpu.Affinity.Contains(pcpu.Id))
            throw Fault($"for pCPU {pcpu.Id} it named {key}, which is kept to {vcpu.Affinity}");
        vcpu.Run(pcpu.Id, Now);
        pcpu.Holder = vcpu;
        pcpu.Uncharged = default;
    }

    private void Call(Action call)
    {
        Calls++;
        call();
    }

    private SimulationFaultException Fault(string what) => new($"at {Now}: {what}");

    private static Nanoseconds Earlier(Nanoseconds left, Nanoseconds right) => left < right ? left : right;
}
