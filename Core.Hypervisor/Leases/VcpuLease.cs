using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// The vCPU's side of a lease: the steps that <see cref="LeaseLine"/> marks V and W. The domain's process holds one per vCPU;
/// <see cref="DomainLeases"/> makes them.
/// </summary>
/// <remarks>
/// Each step reads the state word, computes what follows from it and compare-and-swaps; when somebody else was faster it looks again. So there
/// is no lock to hold while a thread, or the other process, dies.
/// </remarks>
public sealed unsafe class VcpuLease : IVcpuLease
{
    private const int Anywhere = -1;
    private const long LongestPoll = 200_000; // nanoseconds, as the kernel's own hypervisor has it

    private readonly LeasePage _page;
    private readonly LeaseLine* _line;
    private readonly int _vcpu;
    private readonly ThreadUrgency _urgency = new();
    private DoorbellPage? _doorbells;
    private CpuAffinity? _free;
    private int _boundTo = Anywhere;
    private long _woken; // when the latest wake-up from BLOCKED came, of either kind of thread
    private Nanoseconds _sleptFrom;
    private Nanoseconds _pausedTime;
    private Nanoseconds _idleFrom;
    private PollWindow _polls = new(LongestPoll);
    private bool _yields;

    internal VcpuLease(LeasePage page, int vcpu, DoorbellPage? doorbells, bool paused)
    {
        _page = page;
        _line = page.Line(vcpu);
        _vcpu = vcpu;
        _doorbells = doorbells;
        LeaseFlags flags = (doorbells is null ? LeaseFlags.Detached : 0) | (paused ? LeaseFlags.Paused : 0);
        Volatile.Write(ref _line->State, default(LeaseState).With(flags).Word);
    }

    /// <inheritdoc/>
    public uint* Poll => &_line->Poll;

    /// <inheritdoc/>
    public Nanoseconds CpuTime => LeaseClock.Total(Volatile.Read(ref _line->Clock), MonotonicClock.Now);

    /// <inheritdoc/>
    public bool IsOnline { set => Volatile.Write(ref _line->Online, value ? 1u : 0); }

    /// <inheritdoc/>
    public Nanoseconds WokenAt => new Nanoseconds(Volatile.Read(ref _woken)) is var woken && woken > _sleptFrom ? woken : default;

    /// <inheritdoc/>
    public Nanoseconds PausedTime => _pausedTime;

    /// <inheritdoc/>
    public Nanoseconds? TakePreemption() =>
        Volatile.Read(ref _line->PreemptedAt) != 0 && Interlocked.Exchange(ref _line->PreemptedAt, 0) is not 0 and var at ? new Nanoseconds(at) : null;

    /// <summary>Where the vCPU stands at this moment.</summary>
    public LeaseState State => new(Volatile.Read(ref _line->State));

    /// <inheritdoc/>
    public bool Acquire()
    {
        // For the Host, which may have to hurry it.
        if (_line->Thread == 0)
            Volatile.Write(ref _line->Thread, HostThread.CurrentId);
        while (true)
        {
            // Before the state is read, see LeaseLine on memory order.
            if ((Volatile.Read(ref _line->Poll) & (uint)PollBits.Exit) != 0)
                Interlocked.And(ref _line->Poll, ~(uint)PollBits.Exit);
            LeaseState state = State;
            if (state.Has(LeaseFlags.Ending))
            {
                if (TryEnd(state))
                    return false;
                continue;
            }
            switch (state.Phase)
            {
                case LeasePhase.Running when state.MayRun && !state.Has(LeaseFlags.Revoke) && !(_yields && state.Has(LeaseFlags.Wanted)):
                    _yields = false;
                    BindToPcpu(state);
                    StartClock();
                    _urgency.Lower();
                    return true;
                case LeasePhase.Running:
                    StopClock();
                    _yields = false;
                    // Before the Host is told, on whose grant another thread begins to keep this CPU busy. It also notes that the Host may have hurried us.
                    _urgency.Raise();
                    if (TryChange(state, state.To(LeasePhase.Runnable).Without(LeaseFlags.Revoke | LeaseFlags.Wanted)))
                        NotifyHost(state);
                    break;
                case LeasePhase.Asleep:
                    TryWakeInPlace(state);
                    break;
                case LeasePhase.Runnable when state.Has(LeaseFlags.Detached) && state.MayRun:
                    TryChange(state, state.To(LeasePhase.Running));
                    break;
                case LeasePhase.Runnable when state.Has(LeaseFlags.Paused):
                    AwaitGrant();
                    Nanoseconds from = MonotonicClock.Now;
                    Futex.Wait(&_line->State, state.Word, Nanoseconds.Never);
                    _pausedTime += MonotonicClock.Now - from;
                    break;
                case LeasePhase.Runnable:
                    AwaitGrant();
                    Futex.Wait(&_line->State, state.Word, Nanoseconds.Never);
                    break;
                default:
                    StopClock();
                    _urgency.Raise();
                    if (TryChange(state, state.To(LeasePhase.Runnable)))
                        NotifyHost(state);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Yield() => _yields = true;

    /// <inheritdoc/>
    public bool Linger(Nanoseconds deadline)
    {
        Nanoseconds now = _idleFrom = MonotonicClock.Now;
        Nanoseconds until = now + new Nanoseconds(_polls.Span);
        if (now == until || deadline <= until)
            return false;
        StopClock();
        while (State is { Phase: LeasePhase.Running } state && !state.Has(LeaseFlags.Wanted | LeaseFlags.Revoke | LeaseFlags.Paused | LeaseFlags.Ending))
        {
            if (state.Has(LeaseFlags.WakePending))
            {
                if (TryChange(state, state.Without(LeaseFlags.WakePending)))
                    return true;
            }
            else if (now >= until || !_polls.Relax(ref now))
            {
                return false;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Sleep(Nanoseconds deadline)
    {
        if (_idleFrom == default)
            _idleFrom = MonotonicClock.Now;
        SleepUntil(deadline);
        Nanoseconds now = MonotonicClock.Now;
        // Its own deadline is no work that comes early.
        _polls.Waited(now < deadline ? (now - _idleFrom).Value : Nanoseconds.Never.Value);
        _idleFrom = default;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        while (true)
        {
            LeaseState state = State;
            switch (state.Phase)
            {
                case LeasePhase.Asleep:
                    if (!TryWakeInPlace(state))
                        break;
                    Futex.Wake(&_line->State, 1);
                    return;
                case LeasePhase.Blocked:
                    Volatile.Write(ref _woken, MonotonicClock.Now.Value);
                    if (!TryChange(state, state.To(LeasePhase.Runnable)))
                        break;
                    // With a Host the thread sleeps on until the grant wakes it: one thread switch instead of two.
                    if (state.Has(LeaseFlags.Detached))
                        Futex.Wake(&_line->State, 1);
                    NotifyHost(state);
                    return;
                default:
                    if (state.Has(LeaseFlags.WakePending) || TryChange(state, state.With(LeaseFlags.WakePending)))
                        return;
                    break;
            }
        }
    }

    /// <summary>
    /// Ends the vCPU: <see cref="Acquire"/> answers false from now on, and guest code that is running stops at its next poll. Any thread.
    /// </summary>
    public void End()
    {
        Change(state => state.With(LeaseFlags.Ending));
        Interlocked.Or(ref _line->Poll, (uint)PollBits.Exit);
        Futex.Wake(&_line->State, 1);
    }

    /// <summary>
    /// The Host is gone: until <see cref="Attach"/> the vCPU grants itself whatever it asks for. A paused vCPU stays paused. Any thread.
    /// </summary>
    public void Detach()
    {
        Change(state => state.With(LeaseFlags.Detached).Without(LeaseFlags.Revoke | LeaseFlags.Wanted | LeaseFlags.RingOnWake));
        Futex.Wake(&_line->State, 1);
    }

    /// <summary>
    /// A Host is there again. What the vCPU holds at this moment it keeps until the Host, which finds it running without having granted it, asks it
    /// back. Any thread; the page must outlive the lease.
    /// </summary>
    public void Attach(DoorbellPage doorbells)
    {
        Volatile.Write(ref _doorbells, doorbells);
        Change(state => state.Without(LeaseFlags.Detached));
        NotifyHost(State);
    }

    // Its clock may still run: the Host does not wait for the thread of a vCPU that it preempts.
    private void AwaitGrant()
    {
        StopClock();
        _yields = false;
        _urgency.Raise();
    }

    // The Host may look away for good after a state it is told of, so each change it has to know of comes with this, after the change.
    private void NotifyHost(LeaseState before)
    {
        if (before.Has(LeaseFlags.Detached))
            return;
        _page.RaiseAttention(_vcpu);
        Volatile.Read(ref _doorbells)?.Ring(Volatile.Read(ref _line->Pcpu));
    }

    private bool TryEnd(LeaseState state)
    {
        if (state.Phase == LeasePhase.Ended)
            return true;
        StopClock();
        if (!TryChange(state, state.To(LeasePhase.Ended)))
            return false;
        NotifyHost(state);
        return true;
    }

    private void SleepUntil(Nanoseconds deadline)
    {
        StopClock();
        _yields = false;
        _urgency.Raise();
        _sleptFrom = MonotonicClock.Now;
        if (!TryEnterSleep())
            return;
        while (State is { Phase: LeasePhase.Asleep or LeasePhase.Blocked } state && !state.Has(LeaseFlags.Ending))
        {
            if (state.Has(LeaseFlags.WakePending))
            {
                TryChange(state, state.Without(LeaseFlags.WakePending));
                return;
            }
            if (MonotonicClock.Now >= deadline)
            {
                Wake();
                return;
            }
            Futex.Wait(&_line->State, state.Word, deadline);
        }
    }

    private bool TryEnterSleep()
    {
        while (true)
        {
            LeaseState state = State;
            if (state.Has(LeaseFlags.Ending))
                return false;
            if (state.Has(LeaseFlags.WakePending))
            {
                if (TryChange(state, state.Without(LeaseFlags.WakePending)))
                    return false;
                continue;
            }
            bool inPlace = state.Phase == LeasePhase.Running && !state.Has(LeaseFlags.Wanted | LeaseFlags.Revoke | LeaseFlags.Paused);
            LeaseState asleep = inPlace ? state.To(LeasePhase.Asleep) : state.To(LeasePhase.Blocked).Without(LeaseFlags.Wanted | LeaseFlags.Revoke);
            if (!TryChange(state, asleep))
                continue;
            if (!inPlace)
                NotifyHost(state);
            return true;
        }
    }

    private bool TryWakeInPlace(LeaseState state)
    {
        if (!TryChange(state, state.To(LeasePhase.Running).Without(LeaseFlags.RingOnWake)))
            return false;
        if (state.Has(LeaseFlags.RingOnWake))
            NotifyHost(state);
        return true;
    }

    private bool TryChange(LeaseState from, LeaseState to) => Interlocked.CompareExchange(ref _line->State, to.Word, from.Word) == from.Word;

    private void Change(Func<LeaseState, LeaseState> change)
    {
        LeaseState state;
        do
            state = State;
        while (!TryChange(state, change(state)));
    }

    private void StartClock() => LeaseClock.Start(ref _line->Clock, MonotonicClock.Now);

    private void StopClock() => LeaseClock.Stop(ref _line->Clock, MonotonicClock.Now);

    // To hold a pCPU means to run on that host CPU, where binding is allowed. Without a Host the kernel spreads the threads.
    private void BindToPcpu(LeaseState state)
    {
        int hostCpu = state.Has(LeaseFlags.Detached) || Volatile.Read(ref _doorbells) is not { } doorbells ? Anywhere : doorbells.HostCpu(_line->Pcpu);
        if (hostCpu == _boundTo)
            return;
        _boundTo = hostCpu;
        _free ??= CpuAffinity.OfThisThread();
        if (hostCpu < 0 || !CpuAffinity.TryBind(hostCpu))
            _free.Restore();
    }
}
