using System.Text.Json;
using Hospes.Sdk;
using Hospes.Sdk.Composition;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Credit;

/// <summary>
/// Proportional shares by weight, with caps (fact sheet "CPU schedulers", section 2): vCPUs pay for CPU time with credit, which is handed out by weight
/// every slice. Those with credit left go before those without; those that wake with credit left go first of all.
/// </summary>
[Scheduler("credit")]
public sealed class CreditScheduler : IScheduler, IAffineScheduler, ITimedScheduler, ITunableScheduler, ITopologyScheduler, ITitledScheduler, IPluginSettings
{
    private const string WeightName = "weight";
    private const string CapName = "cap";
    private const int TicksPerAccounting = 3;

    private static readonly IReadOnlyList<SchedulerParameter> AllParameters =
    [
        new(WeightName, CreditDomain.DefaultWeight, ConfigurationKey: "cpu_weight"),
        new(CapName, 0, "percent of one CPU", ConfigurationKey: "cpu_cap"),
    ];

    private readonly Dictionary<VcpuKey, CreditVcpu> _vcpus = [];
    private readonly Dictionary<DomainId, CreditDomain> _domains = [];
    private CreditOptions _options = CreditOptions.Default;
    private Accounting _accounting = new(CreditOptions.Default);
    private IReadOnlyList<PcpuPlace>? _places;
    private CreditPcpu[] _pcpus = [];
    private Nanoseconds _tickDue = Nanoseconds.Never;
    private Nanoseconds _accounted;
    private PcpuSet _ask;
    private int _ticks;
    private bool _isStretched;

    /// <inheritdoc/>
    public string Title => "SMP Credit Scheduler";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> KnownSettings => CreditOptions.Names;

    /// <inheritdoc/>
    public IReadOnlyList<SchedulerParameter> Parameters => AllParameters;

    /// <inheritdoc/>
    public Nanoseconds NextTick => _ask.IsEmpty ? _tickDue : default;

    /// <inheritdoc/>
    public void Configure(JsonElement settings)
    {
        _options = CreditOptions.Parse(settings);
        _accounting = new Accounting(_options);
    }

    /// <inheritdoc/>
    public void SetTopology(IReadOnlyList<PcpuPlace> places) => _places = places;

    /// <inheritdoc/>
    public void Start(int pcpuCount, Nanoseconds now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pcpuCount, 1);
        _pcpus = [.. Enumerable.Range(0, pcpuCount).Select(pcpu => new CreditPcpu(new PcpuId(pcpu), _places?[pcpu] ?? new PcpuPlace(pcpu, 0)))];
    }

    /// <inheritdoc/>
    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
        if (!_domains.TryGetValue(vcpu.Domain, out CreditDomain? domain))
            _domains.Add(vcpu.Domain, domain = new CreditDomain(vcpu.Domain));
        var added = new CreditVcpu(vcpu, domain, _pcpus[_vcpus.Count % _pcpus.Length]);
        _vcpus.Add(vcpu, added);
        domain.Vcpus.Add(added);
    }

    /// <inheritdoc/>
    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        CreditVcpu removed = _vcpus[vcpu];
        Stop(removed);
        _vcpus.Remove(vcpu);
        removed.Domain.Vcpus.Remove(removed);
        if (removed.Domain.Vcpus.Count == 0)
            _domains.Remove(vcpu.Domain);
    }

    /// <inheritdoc/>
    public void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now)
    {
        CreditVcpu pinned = _vcpus[vcpu];
        pinned.Affinity = allowed;
        if (pinned.IsRunning || allowed.Contains(pinned.Pcpu.Id))
            return;
        bool waits = pinned.Pcpu.Remove(pinned);
        pinned.Pcpu = CpuPicker.Pick(pinned, _pcpus);
        if (waits)
            Enqueue(pinned);
    }

    /// <inheritdoc/>
    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        CreditVcpu woken = _vcpus[vcpu];
        if (woken.IsRunnable)
            return null;
        woken.IsRunnable = true;
        if (woken.IsParked)
            return null;
        Hasten(now);
        if (woken.Priority == Priority.Under)
            woken.Priority = Priority.Boost;
        return Place(woken);
    }

    /// <inheritdoc/>
    public void Block(VcpuKey vcpu, Nanoseconds now) => Stop(_vcpus[vcpu]);

    /// <inheritdoc/>
    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        CreditPcpu here = _pcpus[pcpu.Value];
        Requeue(here);
        CreditVcpu? next = here.Head;
        if (next is null || next.Priority <= Priority.Over)
            next = Steal(here, next) ?? next;
        if (next is null)
            return new SchedulingDecision(null, Nanoseconds.Never);
        next.Pcpu.Remove(next);
        next.Pcpu = here;
        here.Current = next;
        StartTicking(now);
        return new SchedulingDecision(next.Key, _options.Slice);
    }

    /// <inheritdoc/>
    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
        CreditVcpu charged = _vcpus[vcpu];
        charged.Credit -= ran;
        charged.IsActive = true;
        StartTicking(now);
    }

    /// <inheritdoc/>
    public PcpuSet Tick(Nanoseconds now)
    {
        PcpuSet asked = _ask;
        _ask = default;
        if (now < _tickDue)
            return asked;
        foreach (CreditPcpu pcpu in _pcpus)
            Tick(pcpu);
        if (++_ticks >= TicksPerAccounting)
            Account(now);
        Schedule(now);
        asked |= _ask;
        _ask = default;
        return asked;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Read(DomainId domain) => new Dictionary<string, long>(StringComparer.Ordinal)
    {
        [WeightName] = _domains[domain].Weight,
        [CapName] = _domains[domain].Cap,
    };

    /// <inheritdoc/>
    public void Write(DomainId domain, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        CreditDomain tuned = _domains[domain];
        long weight = values.GetValueOrDefault(WeightName, tuned.Weight);
        long cap = values.GetValueOrDefault(CapName, tuned.Cap);
        if (weight is < 1 or > CreditDomain.HeaviestWeight)
            throw new SchedulerParameterException($"weight is out of range: {weight} is not between 1 and {CreditDomain.HeaviestWeight}");
        if (cap < 0 || cap > 100 * tuned.Vcpus.Count)
            throw new SchedulerParameterException($"cap is out of range: {cap} is not between 0 and {100 * tuned.Vcpus.Count} (100 for each VCPU)");
        tuned.Weight = weight;
        tuned.Cap = cap;
    }

    private void StartTicking(Nanoseconds now)
    {
        if (_tickDue != Nanoseconds.Never)
            return;
        _tickDue = now + _options.Tick;
        _accounted = now;
        _ticks = 0;
    }

    // While nobody waits, and no cap has to be kept, ticks have nothing to decide: accounting will do. Whoever begins to wait hastens the next one.
    private void Schedule(Nanoseconds now)
    {
        bool isActive = false;
        bool isQuiet = true;
        foreach (CreditVcpu vcpu in _vcpus.Values)
        {
            isActive |= vcpu.IsActive || vcpu.IsParked || vcpu.IsRunning;
            isQuiet &= !vcpu.IsParked && vcpu.Domain.Cap == 0 && (vcpu.IsRunning || !vcpu.IsRunnable);
        }

        int skipped = isQuiet ? TicksPerAccounting - 1 - _ticks : 0;
        _ticks += skipped;
        _isStretched = skipped > 0;
        _tickDue = isActive ? now + new Nanoseconds(_options.Tick.Value * (1 + skipped)) : Nanoseconds.Never;
    }

    private void Hasten(Nanoseconds now)
    {
        if (!_isStretched)
            return;
        _isStretched = false;
        _ticks = 0; // the ticks that were left out come after all
        if (_tickDue != Nanoseconds.Never && now + _options.Tick < _tickDue)
            _tickDue = now + _options.Tick;
    }

    private void Tick(CreditPcpu pcpu)
    {
        if (pcpu.Current is not { } current)
            return;
        if (current.Priority == Priority.Boost)
            current.Priority = Priority.Under;
        if (CpuPicker.Pick(current, _pcpus) != pcpu)
            _ask = _ask.With(pcpu.Id); // Requeue moves it
    }

    private void Account(Nanoseconds now)
    {
        CreditVcpu[] parked = [.. _vcpus.Values.Where(static vcpu => vcpu.IsParked)];
        _accounting.Run(_domains.Values, _pcpus.Length, now - _accounted);
        _accounted = now;
        _ticks = 0;
        foreach (CreditVcpu vcpu in _vcpus.Values.Where(static vcpu => vcpu.IsParked))
        {
            vcpu.Pcpu.Remove(vcpu);
            if (vcpu.IsRunning)
                _ask = _ask.With(vcpu.Pcpu.Id);
        }
        Array.ForEach(_pcpus, static pcpu => pcpu.Sort());
        foreach (CreditVcpu vcpu in parked)
        {
            // One that was parked a moment ago may still be on its way off its pCPU.
            if (vcpu is { IsParked: false, IsRunnable: true, IsRunning: false })
                Enqueue(vcpu);
        }
    }

    /// <summary>Whom the pCPU ran goes back to a queue, here or where the picker wants it.</summary>
    private void Requeue(CreditPcpu here)
    {
        if (here.Current is not { } current)
            return;
        CreditPcpu target = CpuPicker.Pick(current, _pcpus);
        here.Current = null;
        if (current is not { IsRunnable: true, IsParked: false })
            return;
        target.Insert(current);
        if (target != here)
            _ask = _ask.With(target.Id);
    }

    private void Enqueue(CreditVcpu vcpu)
    {
        if (Place(vcpu) is { } called)
            _ask = _ask.With(called);
    }

    // Answers the pCPU to ask: an idle one, or the one where somebody of lower priority runs.
    private PcpuId? Place(CreditVcpu vcpu)
    {
        CreditPcpu target = CpuPicker.Pick(vcpu, _pcpus);
        target.Insert(vcpu);
        return target.Current is null || target.Current.Priority < vcpu.Priority ? target.Id : null;
    }

    private CreditVcpu? Steal(CreditPcpu here, CreditVcpu? candidate)
    {
        for (int step = 1; step < _pcpus.Length; step++)
        {
            foreach (CreditVcpu other in _pcpus[(here.Id.Value + step) % _pcpus.Length].Queue)
            {
                if (candidate is not null && other.Priority <= candidate.Priority)
                    break;
                if (other.Affinity.Contains(here.Id))
                    return other;
            }
        }
        return null;
    }

    private static void Stop(CreditVcpu vcpu)
    {
        vcpu.IsRunnable = false;
        if (vcpu.IsRunning)
            vcpu.Pcpu.Current = null;
        else
            vcpu.Pcpu.Remove(vcpu);
    }
}
