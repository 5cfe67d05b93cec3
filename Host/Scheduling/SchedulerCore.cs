using System.Numerics;
using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Between the scheduler plugin's decisions and the leases: who holds which pCPU, whose turn is over, who has to be told. A state machine without
/// threads, locks or a clock: the executors drive it on live guests, tests on simulated time. One caller at a time; time never goes back.
/// </summary>
/// <remarks>
/// <para>A pCPU changes hands in this order: ask the holder to give back, wait for it, charge what it used, ask the scheduler who is next, grant. The
/// scheduler is thus asked when the pCPU is truly free, and never names somebody who still runs elsewhere. Only when nobody waits it is asked
/// first, and a holder that may stay is not disturbed.</para>
/// <para>Sleeping in place is invisible to the scheduler, which takes the vCPU as running; the moment somebody waits for a pCPU and none is free, the
/// sleepers are taken off theirs and reported as blocked.</para>
/// </remarks>
internal sealed class SchedulerCore
{
    // A scheduler that asks to be asked again at once, for ever, would keep an executor busy.
    private static readonly Nanoseconds ShortestSlice = new(50_000);

    // A vCPU that is on a CPU gives back within some microseconds. One that is not, because the host has other work, is not waited for in vain.
    private static readonly Nanoseconds HurryAfter = new(200_000);

    // A timer that ends before the host's next tick costs more than all else that a change of turns does: one so short is set only on a busy host.
    private static readonly Nanoseconds HurryLookAfter = Nanoseconds.FromMilliseconds(5);
    private static readonly Nanoseconds BusyFor = Nanoseconds.FromMilliseconds(50);

    /// <summary>What the fallback is called where schedulers' names are shown.</summary>
    internal const string FallbackName = "fallback";

    private readonly Dictionary<VcpuKey, VcpuEntry> _vcpus = [];
    private readonly Dictionary<DomainId, DomainEntry> _domains = [];
    private readonly PcpuSlot[] _slots;
    private readonly IReadOnlyList<PcpuPlace> _places;
    private readonly GuardedScheduler _scheduler;
    private readonly Nanoseconds _grace;
    private Nanoseconds _now;
    private int _waiting;
    private bool _askIdle;
    private int _nextHome;

    /// <param name="scheduler">The policy; null: the fallback.</param>
    /// <param name="name">Its name, under which domains' parameters are kept.</param>
    /// <param name="places">The pCPUs there are to give away.</param>
    /// <param name="grace">How long a vCPU may take to give back before its pCPU is taken by force.</param>
    /// <param name="now">The time.</param>
    internal SchedulerCore(IScheduler? scheduler, string name, IReadOnlyList<PcpuPlace> places, Nanoseconds grace, Nanoseconds now)
    {
        _places = places;
        _slots = [.. Enumerable.Range(0, places.Count).Select(pcpu => new PcpuSlot(new PcpuId(pcpu)))];
        _grace = grace;
        _now = now;
        SchedulerName = name;
        _scheduler = new GuardedScheduler(FallBack, Watch);
        _scheduler.Replace(scheduler ?? new FallbackScheduler());
        _scheduler.Start(places, now);
    }

    /// <summary>The scheduler plugin has failed, and why; the fallback decides from here on.</summary>
    internal event Action<Exception>? SchedulerFailed;

    /// <summary>A new scheduler does not take what was said about a domain, which then has its defaults.</summary>
    internal event Action<DomainId, SchedulerParameterException>? ParametersRefused;

    /// <summary>A vCPU did not give back its pCPU, which was taken by force.</summary>
    internal event Action<VcpuKey, PcpuId>? LeaseOverdue;

    internal IReadOnlyList<PcpuSlot> Slots => _slots;

    internal IReadOnlyDictionary<DomainId, DomainEntry> Domains => _domains;

    internal bool IsFallback => _scheduler.IsFallback;

    /// <summary>Why the fallback is in charge, if it is.</summary>
    internal Exception? LastFailure { get; private set; }

    /// <summary>The policy in charge.</summary>
    internal string SchedulerName { get; private set; }

    /// <summary>Its longer name, if it has one.</summary>
    internal string? SchedulerTitle => _scheduler.Title;

    /// <summary>vCPUs can be kept to some pCPUs.</summary>
    internal bool IsAffine => _scheduler.IsAffine;

    /// <summary>What can be set for domains.</summary>
    internal IReadOnlyList<SchedulerParameter> Parameters => _scheduler.Parameters;

    /// <summary>For whoever looks whether the scheduler answers.</summary>
    internal CallWatch Watch { get; } = new();

    /// <summary>When there is something to do that belongs to no pCPU.</summary>
    internal Nanoseconds NextTick { get; private set; } = Nanoseconds.Never;

    /// <summary>Takes a domain in, in whatever state an earlier Host or none has left its leases.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="page">Its leases; the domain is the owner from now on.</param>
    /// <param name="paused">Whether it may run; null: as its leases say.</param>
    /// <param name="tuning">What was said about its share.</param>
    /// <param name="now">The time.</param>
    /// <param name="process">The process its vCPUs' threads belong to; 0: they are never hurried.</param>
    /// <exception cref="SchedulerParameterException">The scheduler refuses its parameters; the domain is not taken in.</exception>
    internal void Register(DomainId id, LeasePage page, bool? paused, DomainTuning tuning, Nanoseconds now, int process = 0)
    {
        if (_domains.ContainsKey(id))
            throw new InvalidOperationException($"domain {id} is scheduled already");
        _now = now;
        var domain = new DomainEntry(id, page, [.. Enumerable.Range(0, page.Vcpus).Select(vcpu => Entry(id, page, vcpu))], tuning) { Process = process };
        domain.Paused = paused ?? domain.Vcpus.Any(vcpu => vcpu.Lease.State.Has(LeaseFlags.Paused));
        _domains.Add(id, domain);
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.LastPcpu = new PcpuId(_nextHome++ % _slots.Length);
            vcpu.Lease.SetHome(vcpu.LastPcpu);
            vcpu.Lease.SetPaused(domain.Paused);
            _vcpus.Add(vcpu.Key, vcpu);
            _scheduler.Add(vcpu.Key, now);
        }
        try
        {
            Apply(domain);
        }
        catch (SchedulerParameterException)
        {
            Forget(domain);
            throw;
        }
        Array.ForEach(domain.Vcpus, Observe);
        Settle();
    }

    /// <summary>Takes a domain in from a core that has been given up, with the leases that it has granted.</summary>
    internal void TakeOver(DomainEntry domain, Nanoseconds now)
    {
        Register(domain.Id, domain.Page, domain.Paused, domain.Tuning, now, domain.Process);
        _domains[domain.Id].Waiters.AddRange(domain.Waiters);
        Settle();
    }

    /// <summary>Forgets a domain that has ended, however it did; pCPUs it held are free. False: there was none.</summary>
    internal bool Unregister(DomainId id, Nanoseconds now)
    {
        _now = now;
        if (!_domains.TryGetValue(id, out DomainEntry? domain))
            return false;
        Forget(domain);
        Settle();
        domain.Waiters.ForEach(waiter => waiter.TrySetResult());
        domain.Page.Dispose();
        return true;
    }

    /// <summary>Stops a domain's vCPUs; the task ends when none holds a lease.</summary>
    internal Task PauseAsync(DomainId id, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Paused = true;
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.Lease.SetPaused(true);
            if (vcpu.Slot is { } slot)
                Revoke(slot);
            else
                Observe(vcpu);
        }
        Settle();
        if (domain.IsStill)
            return Task.CompletedTask;
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        domain.Waiters.Add(waiter);
        return waiter.Task;
    }

    /// <summary>Lets a domain's vCPUs run again.</summary>
    internal void Unpause(DomainId id, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Paused = false;
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.Lease.SetPaused(false);
            Observe(vcpu);
        }
        Settle();
    }

    /// <summary>Puts another policy in charge of the guests that run.</summary>
    internal void Replace(IScheduler scheduler, string name, Nanoseconds now)
    {
        _now = now;
        SchedulerName = name;
        Install(scheduler);
        Settle();
    }

    /// <summary>Keeps a vCPU to some pCPUs.</summary>
    internal void SetAffinity(DomainId id, VcpuId vcpu, PcpuSet allowed, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Tuning = domain.Tuning with { Affinity = domain.Tuning.Affinity.SetItem(vcpu.Value, allowed) };
        Confine(domain.Vcpus[vcpu.Value]);
        Settle();
    }

    /// <summary>The parameters of a domain under the scheduler in charge; none when that has none.</summary>
    internal IReadOnlyDictionary<string, long> ReadParameters(DomainId id) => _scheduler.Read(_domains[id].Id);

    /// <summary>Sets parameters of a domain; they are kept for later reigns of the same scheduler.</summary>
    /// <exception cref="SchedulerParameterException">The scheduler refuses them; nothing has changed.</exception>
    internal DomainTuning WriteParameters(DomainId id, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        _scheduler.Write(id, values, now);
        domain.Tuning = domain.Tuning.With(SchedulerName, _scheduler.Parameters, values);
        Settle();
        return domain.Tuning;
    }

    /// <summary>Does everything that is due: what domains have rung about, turns that have ended, pCPUs that are free.</summary>
    internal void Advance(Nanoseconds now)
    {
        _now = now;
        foreach (DomainEntry domain in _domains.Values)
        {
            for (ulong marks = domain.Page.TakeAttention(); marks != 0; marks &= marks - 1)
            {
                int vcpu = BitOperations.TrailingZeroCount(marks);
                if (vcpu < domain.Vcpus.Length)
                    Observe(domain.Vcpus[vcpu]);
            }
        }
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Revoking && now >= slot.HurryAt)
                Hurry(slot);
            if (now < slot.NextLook)
                continue;
            if (slot.Holder is null)
                slot.Ask = true;
            else if (slot.Revoking)
                TakeByForce(slot);
            else
                EndTurn(slot);
        }
        Settle();
    }

    private void Forget(DomainEntry domain)
    {
        _domains.Remove(domain.Id);
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            Withdraw(vcpu);
            _vcpus.Remove(vcpu.Key);
            _scheduler.Remove(vcpu.Key, _now);
        }
        Array.ForEach(_slots, static slot => slot.Ask |= slot.Holder is null);
    }

    /// <summary>Tells the scheduler what was said about a domain that it has just been given.</summary>
    private void Apply(DomainEntry domain)
    {
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            if (domain.Tuning.Affinity.ContainsKey(vcpu.Key.Vcpu.Value))
                Confine(vcpu);
        }
        if (domain.Tuning.ValuesFor(SchedulerName, _scheduler.Parameters) is { Count: > 0 } values)
            _scheduler.Write(domain.Id, values, _now);
    }

    private void Confine(VcpuEntry vcpu)
    {
        if (!_scheduler.IsAffine)
        {
            vcpu.Affinity = PcpuSet.All;
            return;
        }
        vcpu.Affinity = _domains[vcpu.Key.Domain].Tuning.AffinityOf(vcpu.Key.Vcpu);
        _scheduler.SetAffinity(vcpu.Key, vcpu.Affinity, _now);
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is null)
                slot.Ask = true;
            else if (slot.Holder == vcpu && !vcpu.Affinity.Contains(slot.Id))
                Revoke(slot);
        }
    }

    private VcpuEntry Entry(DomainId domain, LeasePage page, int vcpu)
    {
        unsafe
        {
            // The page is disposed only after Unregister has dropped the entry.
            return new VcpuEntry(new VcpuKey(domain, new VcpuId(vcpu)), new HostLease(page.Line(vcpu)));
        }
    }

    /// <summary>Brings the record of a vCPU in line with its lease.</summary>
    private void Observe(VcpuEntry vcpu)
    {
        LeaseState state = vcpu.Lease.State;
        switch (state.Phase)
        {
            case LeasePhase.Runnable when Ours(state) && state.MayRun:
                if (vcpu.Standing == Standing.Running)
                    Release(vcpu.Slot!, Standing.Ready);
                else if (vcpu.Standing == Standing.Blocked)
                    MakeReady(vcpu);
                break;
            case LeasePhase.Running when Ours(state) && vcpu.Slot is { } slot:
                // It has woken in place after its timer lapsed: a turn that is over begins anew, if the scheduler agrees.
                if (slot.Lapsed)
                    EndTurn(slot);
                break;
            case LeasePhase.Asleep when Ours(state) && vcpu.Slot is { } slot:
                if (slot.Revoking)
                    Reclaim(slot);
                break;
            case LeasePhase.Running or LeasePhase.Asleep when Ours(state):
                // Granted by an earlier Host, or by itself while it had none.
                Withdraw(vcpu);
                if (!vcpu.Lease.TryReclaim())
                    vcpu.Lease.TryRevoke();
                break;
            default:
                Withdraw(vcpu);
                break;
        }
    }

    private static bool Ours(LeaseState state) => !state.Has(LeaseFlags.Detached | LeaseFlags.Ending);

    private void MakeReady(VcpuEntry vcpu)
    {
        vcpu.Standing = Standing.Ready;
        _waiting++;
        // The scheduler takes sleepers as running: it shall see the pCPUs that they would give up anyway as idle ones.
        if (!IsFree(vcpu.Affinity))
            ReclaimAll(vcpu.Affinity);
        if (_scheduler.Wake(vcpu.Key, _now) is not { } called)
            return;
        if ((uint)called.Value >= (uint)_slots.Length)
        {
            FallBack(new SchedulingFaultException($"it called pCPU {called}, and there are {_slots.Length}"));
            return;
        }
        PcpuSlot slot = _slots[called.Value];
        if (slot.Holder is null)
            slot.Ask = true;
        else
            Revoke(slot);
    }

    /// <summary>Not runnable any more, wherever it was.</summary>
    private void Withdraw(VcpuEntry vcpu)
    {
        Standing before = vcpu.Standing;
        if (before == Standing.Blocked)
            return;
        if (before == Standing.Running)
        {
            Release(vcpu.Slot!, Standing.Blocked);
        }
        else
        {
            vcpu.Standing = Standing.Blocked;
            _waiting--;
        }
        _scheduler.Block(vcpu.Key, _now);
    }

    /// <summary>Takes the holder off its pCPU. For the scheduler it stays runnable; a caller that knows better says so afterwards.</summary>
    private void Release(PcpuSlot slot, Standing next)
    {
        VcpuEntry holder = slot.Holder!;
        slot.Holder = null;
        slot.Revoking = false;
        slot.Lapsed = false;
        slot.TurnEnds = Nanoseconds.Never;
        slot.Ask = true;
        holder.Slot = null;
        holder.Standing = next;
        if (next == Standing.Ready)
            _waiting++;
        Charge(holder, slot);
        _askIdle |= !holder.Affinity.Contains(slot.Id);
        foreach (PcpuSlot other in _slots)
        {
            if (other.Awaited != holder)
                continue;
            other.Awaited = null;
            other.Ask = true;
        }
    }

    private void Charge(VcpuEntry vcpu, PcpuSlot slot)
    {
        Nanoseconds total = vcpu.Lease.CpuTime(_now);
        // The domain's process counts; it cannot have used more than passed, nor less than nothing.
        long ran = Math.Clamp(total.Value - vcpu.Charged.Value, 0, (_now - vcpu.ChargedAt).Value);
        vcpu.Charged = total;
        vcpu.ChargedAt = _now;
        _scheduler.Charge(vcpu.Key, slot.Id, new Nanoseconds(ran), _now);
    }

    private void EndTurn(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        slot.Lapsed = false;
        if (_waiting == 0 && holder.Lease.TryLapse())
        {
            slot.Lapsed = true;
            SetTurn(slot, Nanoseconds.Never);
            return;
        }
        if (_waiting == 0 && MayStay(slot))
            return;
        // The plugin may have failed meanwhile, and the holder be asked already.
        if (slot.Holder == holder)
            Revoke(slot);
    }

    private bool MayStay(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        Charge(holder, slot);
        if (slot.Holder != holder || slot.Revoking || _scheduler.Next(slot.Id, _now) is not { } decision || decision.Vcpu != holder.Key)
            return false;
        SetTurn(slot, EndOf(decision.Slice));
        return true;
    }

    private void Revoke(PcpuSlot slot)
    {
        if (slot.Revoking)
            return;
        VcpuEntry holder = slot.Holder!;
        slot.Revoking = true;
        slot.GraceEnds = _now + _grace;
        slot.HurryAt = _now + HurryAfter;
        slot.HurryLook = _now < slot.BusyUntil ? slot.HurryAt : _now + HurryLookAfter;
        // A vCPU that goes to sleep or wakes between the two is met by the third.
        if (holder.Lease.TryRevoke())
            return;
        if (!Reclaim(slot) && !holder.Lease.TryRevoke())
            Observe(holder);
    }

    private void Hurry(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        slot.HurryAt = slot.HurryLook = Nanoseconds.Never;
        slot.BusyUntil = _now + BusyFor;
        int process = _domains[holder.Key.Domain].Process;
        if (process != 0 && holder.Lease.State is { Phase: LeasePhase.Running } state && state.Has(LeaseFlags.Revoke))
            holder.Lease.TryHurry(process);
    }

    private bool Reclaim(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        if (!holder.Lease.TryReclaim())
            return false;
        Withdraw(holder);
        return true;
    }

    private void TakeByForce(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        if (holder.Lease.TryForce())
        {
            Withdraw(holder);
            LeaseOverdue?.Invoke(holder.Key, slot.Id);
            return;
        }
        Observe(holder);
        // It changes its mind faster than we look. Its next ring brings it back.
        if (slot.Holder == holder)
            Withdraw(holder);
    }

    /// <summary>Asks for free pCPUs until nobody has anything to say.</summary>
    private void Settle()
    {
        do
        {
            Tick();
            foreach (PcpuSlot slot in _slots)
            {
                while (slot is { Ask: true, Holder: null })
                    Decide(slot);
            }
            if (_askIdle)
            {
                // Somebody had to leave the pCPU just asked: now the scheduler knows that it waits, and another may take it.
                _askIdle = false;
                Array.ForEach(_slots, static slot => slot.Ask |= slot.Holder is null);
            }
            ShowWanted();
            NextTick = _scheduler.NextTick;
        }
        while (NextTick <= _now || Array.Exists(_slots, static slot => slot is { Ask: true, Holder: null }));
        foreach (DomainEntry domain in _domains.Values)
        {
            if (domain.Waiters.Count == 0 || !domain.IsStill)
                continue;
            domain.Waiters.ForEach(waiter => waiter.TrySetResult());
            domain.Waiters.Clear();
        }
    }

    private void Tick()
    {
        if (_scheduler.NextTick > _now)
            return;
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is { } holder)
                Charge(holder, slot);
        }
        PcpuSet asked = _scheduler.Tick(_now);
        if (_scheduler.NextTick <= _now)
        {
            FallBack(new SchedulingFaultException("after a tick it wants the next one at once"));
            return;
        }
        foreach (PcpuSlot slot in _slots)
        {
            if (!asked.Contains(slot.Id))
                continue;
            if (slot.Holder is null)
                slot.Ask = true;
            else
                Revoke(slot);
        }
    }

    private void Decide(PcpuSlot slot)
    {
        slot.Ask = false;
        slot.Awaited = null;
        slot.TurnEnds = Nanoseconds.Never;
        if (_scheduler.Next(slot.Id, _now) is not { } decision)
            return;
        if (decision.Vcpu is not { } key)
        {
            slot.TurnEnds = EndOf(decision.Slice);
            return;
        }
        if (!_vcpus.TryGetValue(key, out VcpuEntry? vcpu))
            FallBack(new SchedulingFaultException($"it named {key}, which does not exist"));
        else if (vcpu.Standing == Standing.Blocked)
            FallBack(new SchedulingFaultException($"it named {key}, which is not runnable"));
        else if (!vcpu.Affinity.Contains(slot.Id))
            FallBack(new SchedulingFaultException($"it named {key} for pCPU {slot.Id}, which is kept to {vcpu.Affinity}"));
        else if (vcpu.Standing == Standing.Ready)
            Grant(slot, vcpu, EndOf(decision.Slice));
        else if (vcpu.Slot!.Revoking)
            slot.Awaited = vcpu;
        else
            FallBack(new SchedulingFaultException($"it named {key} for pCPU {slot.Id}, which runs on pCPU {vcpu.Slot.Id}"));
    }

    private void Grant(PcpuSlot slot, VcpuEntry vcpu, Nanoseconds turnEnds)
    {
        // Before the grant, from which on its clock may run.
        vcpu.Charged = vcpu.Lease.CpuTime(_now);
        vcpu.ChargedAt = _now;
        if (!vcpu.Lease.TryGrant(slot.Id, turnEnds, wanted: _waiting > 1))
        {
            Withdraw(vcpu);
            slot.Ask = true;
            return;
        }
        _waiting--;
        vcpu.Standing = Standing.Running;
        vcpu.Slot = slot;
        vcpu.LastPcpu = slot.Id;
        slot.Holder = vcpu;
        slot.TurnEnds = turnEnds;
    }

    private void ShowWanted()
    {
        PcpuSet wanted = default;
        if (_waiting > 0)
        {
            foreach (VcpuEntry vcpu in _vcpus.Values)
                wanted |= vcpu.Standing == Standing.Ready ? vcpu.Affinity : default;
        }
        foreach (PcpuSlot slot in _slots)
            slot.Holder?.Lease.SetWanted(wanted.Contains(slot.Id));
        ReclaimAll(wanted);
    }

    private bool IsFree(PcpuSet among)
    {
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is null && among.Contains(slot.Id))
                return true;
        }

        return false;
    }

    private void ReclaimAll(PcpuSet wanted)
    {
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is not null && wanted.Contains(slot.Id))
                Reclaim(slot);
        }
    }

    private static void SetTurn(PcpuSlot slot, Nanoseconds ends)
    {
        slot.TurnEnds = ends;
        slot.Holder!.Lease.SetTurnEnds(ends);
    }

    private Nanoseconds EndOf(Nanoseconds slice)
    {
        if (slice < ShortestSlice)
            slice = ShortestSlice;
        return slice.Value > Nanoseconds.Never.Value - _now.Value ? Nanoseconds.Never : _now + slice;
    }

    private void FallBack(Exception cause)
    {
        LastFailure = cause;
        SchedulerFailed?.Invoke(cause);
        SchedulerName = FallbackName;
        Install(new FallbackScheduler());
    }

    // The new scheduler takes those who run as waiting; it may name them before they have given back, and its pCPU then awaits them.
    private void Install(IScheduler scheduler)
    {
        _scheduler.Replace(scheduler);
        _scheduler.Start(_places, _now);
        foreach (VcpuEntry vcpu in _vcpus.Values)
            _scheduler.Add(vcpu.Key, _now);
        foreach (DomainEntry domain in _domains.Values)
        {
            try
            {
                Apply(domain);
            }
            catch (SchedulerParameterException refused)
            {
                ParametersRefused?.Invoke(domain.Id, refused);
            }
        }
        foreach (VcpuEntry vcpu in _vcpus.Values)
        {
            if (!_scheduler.IsAffine)
                vcpu.Affinity = PcpuSet.All;
            if (vcpu.Standing != Standing.Blocked)
                _scheduler.Wake(vcpu.Key, _now);
        }
        foreach (PcpuSlot slot in _slots)
        {
            slot.Awaited = null;
            if (slot.Holder is null)
                slot.Ask = true;
            else
                Revoke(slot);
        }
    }
}
