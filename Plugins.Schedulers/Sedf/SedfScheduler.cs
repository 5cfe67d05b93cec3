using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Sedf;

/// <summary>
/// Simple earliest deadline first (fact sheet "CPU schedulers", section 3): a domain is guaranteed a slice of CPU time in each period; whose period
/// ends next goes first. Time that nobody has reserved is shared among those who want extra.
/// </summary>
/// <remarks>
/// Differs from the sheet where guarantees gain by it: one that wakes with an earlier deadline preempts one with a later one; new vCPUs go where the
/// fewest are; less than a quantum of extra time before the next period is used too; and extra time is counted as it was had, not by quanta.
/// </remarks>
[Scheduler("sedf")]
public sealed class SedfScheduler : IScheduler, IAffineScheduler, ITimedScheduler, ITunableScheduler, ITitledScheduler
{
    private static readonly Nanoseconds ExtraQuantum = new(500_000);

    private readonly Dictionary<VcpuKey, SedfVcpu> _vcpus = [];
    private readonly Dictionary<DomainId, SedfDomain> _domains = [];
    private SedfPcpu[] _pcpus = [];
    private PcpuSet _ask;

    /// <inheritdoc/>
    public string Title => "Simple EDF Scheduler";

    /// <inheritdoc/>
    public Nanoseconds NextTick => _ask.IsEmpty ? Nanoseconds.Never : default;

    /// <inheritdoc/>
    public IReadOnlyList<SchedulerParameter> Parameters => SedfParameters.All;

    /// <inheritdoc/>
    public void Start(int pcpuCount, Nanoseconds now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pcpuCount, 1);
        _pcpus = [.. Enumerable.Range(0, pcpuCount).Select(static pcpu => new SedfPcpu(new PcpuId(pcpu)))];
    }

    /// <inheritdoc/>
    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
        if (!_domains.TryGetValue(vcpu.Domain, out SedfDomain? domain))
            _domains.Add(vcpu.Domain, domain = new SedfDomain());
        var added = new SedfVcpu(vcpu, domain);
        domain.Vcpus.Add(added);
        _vcpus.Add(vcpu, added);
        Settle(added, Emptiest(PcpuSet.All));
    }

    /// <inheritdoc/>
    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        SedfVcpu removed = _vcpus[vcpu];
        Stop(removed, now);
        Settle(removed, null);
        _vcpus.Remove(vcpu);
        removed.Domain.Vcpus.Remove(removed);
        if (removed.Domain.Vcpus.Count == 0)
            _domains.Remove(vcpu.Domain);
    }

    /// <inheritdoc/>
    public void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now)
    {
        SedfVcpu pinned = _vcpus[vcpu];
        pinned.Affinity = allowed;
        if (allowed.Contains(pinned.Pcpu!.Id))
            return;
        if (pinned.Pcpu.Current == pinned)
            pinned.Pcpu.Current = null;
        pinned.Run = SedfRun.None;
        Settle(pinned, Emptiest(allowed));
        Rejoin(pinned);
        _ask = _ask.With(pinned.Pcpu.Id);
    }

    /// <inheritdoc/>
    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        SedfVcpu woken = _vcpus[vcpu];
        if (woken.IsRunnable)
            return null;
        woken.IsRunnable = true;
        if (woken.HasSlice)
            BeginPeriod(woken, now);
        Rejoin(woken);
        return Preempts(woken, now) ? Call(woken.Pcpu!) : null;
    }

    /// <inheritdoc/>
    public void Block(VcpuKey vcpu, Nanoseconds now) => Stop(_vcpus[vcpu], now);

    /// <inheritdoc/>
    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now)
    {
        SedfPcpu here = _pcpus[pcpu.Value];
        here.IsCalled = false;
        if (here.Current is { } outgoing)
            outgoing.Run = SedfRun.None;
        here.Current = null;
        foreach (SedfVcpu vcpu in here.Vcpus)
            Renew(vcpu, now);

        Nanoseconds begin = here.NextBegin(now);
        Nanoseconds free = begin == Nanoseconds.Never ? begin : begin - now;
        if (here.EarliestDeadline(now) is { } urgent)
            return Give(here, urgent, SedfRun.Slice, Shorter(urgent.Left, free), now);
        if (here.MostOwed() is { } owed)
            return Give(here, owed, SedfRun.Penalty, Shorter(ExtraQuantum, free), now);
        // One alone need not be asked every quantum whether it is still alone: whoever wakes says so.
        if (here.LeastExtra() is { } extra)
            return Give(here, extra, SedfRun.Extra, here.Extras == 1 ? free : Shorter(ExtraQuantum, free), now);
        return new SchedulingDecision(null, free);
    }

    /// <inheritdoc/>
    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
        SedfVcpu charged = _vcpus[vcpu];
        if (charged.Run == SedfRun.Slice)
            charged.Used += ran;
        else if (charged.Run != SedfRun.None)
            charged.Score += (long)((Int128)charged.ScoreStep * ran.Value / ExtraQuantum.Value);
        if (charged.Run == SedfRun.Penalty && ran > default(Nanoseconds))
            charged.PenaltyScore = 0;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Read(DomainId domain) => _domains[domain].Parameters.ToValues();

    /// <inheritdoc/>
    public void Write(DomainId domain, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        SedfDomain tuned = _domains[domain];
        tuned.Parameters = tuned.Parameters.With(values);
        foreach (SedfPcpu pcpu in _pcpus)
            WeightedSlices.Compute(pcpu);
        foreach (SedfVcpu vcpu in tuned.Vcpus)
        {
            vcpu.PenaltyScore = 0;
            vcpu.Used = default;
            vcpu.Deadline = now + vcpu.Period;
            vcpu.WantedAllPeriod = vcpu.IsRunnable;
            Rejoin(vcpu);
            _ask = _ask.With(vcpu.Pcpu!.Id);
        }
    }

    /// <summary>There are no ticks; this is how pCPUs are asked again after parameters or places have changed.</summary>
    public PcpuSet Tick(Nanoseconds now)
    {
        PcpuSet asked = _ask;
        _ask = default;
        return asked;
    }

    /// <summary>Periods in which a vCPU that wanted to run all the time did not get its slice.</summary>
    internal long MissesOf(VcpuKey vcpu) => _vcpus[vcpu].Misses;

    // The period that a vCPU which wakes is in (fact sheet, 3.5).
    private static void BeginPeriod(SedfVcpu vcpu, Nanoseconds now)
    {
        vcpu.WantedAllPeriod = false;
        if (vcpu.Deadline == default || now >= vcpu.Deadline)
        {
            vcpu.Deadline = now + vcpu.Period;
            vcpu.Used = default;
            vcpu.WantedAllPeriod = true;
        }
        else if (now >= vcpu.Begin)
        {
            Nanoseconds lost = vcpu.Left;
            vcpu.Deadline += vcpu.Period;
            vcpu.Used = default;
            vcpu.WantedAllPeriod = true;
            if (lost > default(Nanoseconds) && vcpu.TakesExtra)
                vcpu.BeOwed(lost);
        }
    }

    // A period that is over, or whose slice is used up, gives way to the next.
    private static void Renew(SedfVcpu vcpu, Nanoseconds now)
    {
        if (vcpu is not { IsRunnable: true, HasSlice: true })
            return;
        if (now > vcpu.Deadline && vcpu.Left > default(Nanoseconds))
        {
            vcpu.Misses += vcpu.WantedAllPeriod ? 1 : 0;
            long missed = 1 + (now - vcpu.Deadline).Value / vcpu.Period.Value;
            vcpu.Deadline += new Nanoseconds(missed * vcpu.Period.Value);
            vcpu.Used = default;
            vcpu.WantedAllPeriod = true;
        }
        else if (vcpu.Left <= default(Nanoseconds))
        {
            // What it ran too long counts in the next period, or in as many as it takes.
            long periods = vcpu.Used.Value / vcpu.Slice.Value;
            vcpu.Used -= new Nanoseconds(periods * vcpu.Slice.Value);
            vcpu.Deadline += new Nanoseconds(periods * vcpu.Period.Value);
            vcpu.WantedAllPeriod = true;
        }
    }

    private bool Preempts(SedfVcpu woken, Nanoseconds now)
    {
        SedfPcpu here = woken.Pcpu!;
        if (here.Current is not { } current)
            return !here.IsCalled;
        SedfRun run = RunOf(woken, now);
        if (run == SedfRun.Slice)
            return current.Run != SedfRun.Slice || woken.Deadline < current.Deadline;
        // It runs without an end while it is alone; or a period begins before its turn is over.
        return run > current.Run || (run == current.Run && here.TurnEnds > now + ExtraQuantum) || (woken.HasSlice && woken.Begin < here.TurnEnds);
    }

    private static SedfRun RunOf(SedfVcpu vcpu, Nanoseconds now) => vcpu switch
    {
        { HasSlice: true } when vcpu.Begin <= now && vcpu.Left > default(Nanoseconds) => SedfRun.Slice,
        { PenaltyScore: > 0 } => SedfRun.Penalty,
        { TakesExtra: true } => SedfRun.Extra,
        _ => SedfRun.None,
    };

    private static PcpuId Call(SedfPcpu pcpu)
    {
        pcpu.IsCalled = true;
        return pcpu.Id;
    }

    private static SchedulingDecision Give(SedfPcpu here, SedfVcpu vcpu, SedfRun run, Nanoseconds span, Nanoseconds now)
    {
        here.Current = vcpu;
        here.TurnEnds = span == Nanoseconds.Never ? span : now + span;
        vcpu.Run = run;
        return new SchedulingDecision(vcpu.Key, span);
    }

    // Nobody saves up extra time while asleep: it goes on from where those are who took part meanwhile.
    private static void Rejoin(SedfVcpu vcpu)
    {
        long least = long.MaxValue;
        foreach (SedfVcpu other in vcpu.Pcpu!.Vcpus)
        {
            if (other != vcpu && other is { IsRunnable: true, TakesExtra: true })
                least = Math.Min(least, other.Score);
        }
        if (least != long.MaxValue)
            vcpu.Score = Math.Max(vcpu.Score, least);
    }

    private static void Stop(SedfVcpu vcpu, Nanoseconds now)
    {
        vcpu.IsRunnable = false;
        vcpu.Run = SedfRun.None;
        if (vcpu.Pcpu!.Current == vcpu)
            vcpu.Pcpu.Current = null;
        if (vcpu is { HasSlice: true, WantedAllPeriod: true } && now > vcpu.Deadline && vcpu.Left > default(Nanoseconds))
            vcpu.Misses++;
    }

    private SedfPcpu Emptiest(PcpuSet allowed)
    {
        SedfPcpu? emptiest = null;
        foreach (SedfPcpu pcpu in _pcpus)
        {
            if (allowed.Contains(pcpu.Id) && (emptiest is null || pcpu.Vcpus.Count < emptiest.Vcpus.Count))
                emptiest = pcpu;
        }
        return emptiest ?? _pcpus[0];
    }

    private static void Settle(SedfVcpu vcpu, SedfPcpu? pcpu)
    {
        SedfPcpu? before = vcpu.Pcpu;
        before?.Vcpus.Remove(vcpu);
        pcpu?.Vcpus.Add(vcpu);
        vcpu.Pcpu = pcpu;
        if (before is not null)
            WeightedSlices.Compute(before);
        if (pcpu is not null)
            WeightedSlices.Compute(pcpu);
    }

    private static Nanoseconds Shorter(Nanoseconds left, Nanoseconds right) => left < right ? left : right;
}
