using Hospes.Hypervisor.Apic;
using Hospes.Hypervisor.Cpu;
using Hospes.Hypervisor.Events;
using Hospes.Hypervisor.Hypercalls;
using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Domains;

/// <summary>
/// A virtual CPU: a thread that executes guest code while it holds its lease, and sleeps while there is nothing to do.
/// </summary>
/// <remarks>
/// Whoever wants the thread's attention first leaves what it wants where <see cref="Look"/> sees it, then sets a bit of the poll word and wakes the
/// lease. The thread looks again after every wait and after every <see cref="IVcpuLease.Acquire"/>, which clears the exit bit, so no request is lost.
/// </remarks>
public sealed unsafe class Vcpu : IVcpuSignal, IApicHost
{
    private const uint Interrupting = (uint)(PollBits.Interrupt | PollBits.Nmi);

    private readonly Domain _domain;
    private readonly IVcpuLease _lease;
    private readonly StartUpSequence _startUp;
    private readonly CpuState? _bootState;
    private readonly Thread _thread;
    private readonly GuestTimer[] _ownTimers;
    private volatile IdleReason _idle;
    private volatile bool _isDown;
    private volatile bool _isExecuting;
    private volatile bool _pollEnded;
    private volatile byte _upcallVector;
    private Nanoseconds _pollDeadline;
    private bool _pollTakesInterrupts;
    private Nanoseconds _paused;
    private int _threadId;

    internal Vcpu(Domain domain, VcpuId id, IVcpuLease lease, CpuState? bootState)
    {
        _domain = domain;
        _lease = lease;
        _bootState = bootState;
        _startUp = new StartUpSequence(isHeld: bootState is null);
        Id = id;
        Events = new VcpuEvents(domain.SharedInfo, id.Value, this);
        Timers = new VcpuTimers(domain.Clock, domain.Timers, () => domain.EventChannels.RaiseVirq(id.Value, Virq.Timer));
        Apic = new LocalApic(XenCpuid.ApicId(id), id.Value == 0, domain.Clock.Host, domain.Timers, this);
        _ownTimers = [.. Timers.All, Apic.Timer];
        Runstate = new Runstate(domain.Clock);
        Caller = new GuestCaller(domain, this);
        Host = new VcpuHost(domain, this);
        Cpu = domain.Machine.CreateCpu(id, Host, lease.Poll);
        lease.IsOnline = IsOnline;
        _thread = new Thread(Run) { Name = $"vcpu {id}", IsBackground = true };
    }

    /// <summary>Its number.</summary>
    public VcpuId Id { get; }

    /// <summary>What it is doing. Any thread.</summary>
    public VcpuRunstate State => Runstate.State;

    /// <summary>Started and not taken down; one that has halted with interrupts disabled is down, too. Any thread.</summary>
    public bool IsOnline => !IsOut;

    /// <summary>CPU time it has been charged. Any thread.</summary>
    public Nanoseconds CpuTime => _lease.CpuTime;

    /// <summary>Guest instructions it has executed, about. Any thread.</summary>
    public ulong InstructionsExecuted => Cpu.InstructionsExecuted;

    internal IGuestCpu Cpu { get; }

    internal VcpuHost Host { get; }

    internal VcpuEvents Events { get; }

    internal VcpuTimers Timers { get; }

    internal LocalApic Apic { get; }

    internal Runstate Runstate { get; }

    internal GuestCaller Caller { get; }

    /// <summary>Executing guest code at this moment.</summary>
    internal bool IsExecuting => _isExecuting;

    /// <summary>Nothing but an NMI, INIT or another vCPU can make it execute again.</summary>
    internal bool IsOut => (_isDown || _startUp.IsOut || _idle == IdleReason.HaltedForever) && (Volatile.Read(ref *_lease.Poll) & (uint)PollBits.Nmi) == 0;

    /// <summary>Delivers a non-maskable interrupt. Any thread.</summary>
    public void RequestNmi()
    {
        Interlocked.Or(ref *_lease.Poll, (uint)PollBits.Nmi);
        _lease.Wake();
    }

    internal void Start() => _thread.Start();

    /// <summary>Waits for the thread's end. False: it did not come.</summary>
    internal bool Join(TimeSpan patience) => _thread.ThreadState.HasFlag(ThreadState.Unstarted) || _thread.Join(patience);

    /// <summary>Has the engine ask for interrupts, and wakes the vCPU. Any thread.</summary>
    internal void Kick()
    {
        // Whoever set the bit before has woken the vCPU; it does not go to sleep with the bit set. Its own thread is awake.
        bool isNew = (Interlocked.Or(ref *_lease.Poll, (uint)PollBits.Interrupt) & (uint)PollBits.Interrupt) == 0;
        if (isNew && Environment.CurrentManagedThreadId != Volatile.Read(ref _threadId))
            _lease.Wake();
    }

    /// <summary>Makes the thread look around. Any thread.</summary>
    internal void RequestLook()
    {
        Interlocked.Or(ref *_lease.Poll, (uint)PollBits.Exit);
        _lease.Wake();
    }

    /// <summary>The interrupt to take now, or -1. On the vCPU's thread.</summary>
    internal int AcknowledgeInterrupt()
    {
        // The callback vector goes before the local APIC and past it: no request, no end of interrupt, again and again until the guest has looked.
        if (_upcallVector == 0)
        {
            int vector = _domain.Parameters.CallbackVector;
            if (vector != 0 && Events.UpcallPending)
                return vector;
        }

        return Apic.Acknowledge();
    }

    /// <summary>HVMOP_set_evtchn_upcall_vector: upcalls come through the local APIC from now on.</summary>
    internal void SetUpcallVector(byte vector)
    {
        _upcallVector = vector;
        if (Events.UpcallPending)
            Apic.Raise(vector);
    }

    /// <summary>SCHEDOP_yield: the pCPU goes to whoever waits for it, once the hypercall is over.</summary>
    internal void Yield()
    {
        _lease.Yield();
        LeaveGuest();
    }

    /// <summary>SCHEDOP_block: sleep once the hypercall is over, unless something is pending then.</summary>
    internal void Block()
    {
        _idle = IdleReason.Blocked;
        LeaveGuest();
    }

    /// <summary>
    /// SCHEDOP_poll: sleep until one of the ports is pending, or an interrupt comes that the guest would take. A kernel waits for a spin lock so, with
    /// interrupts disabled and its timer's perhaps pending: it is not to go round and round while another vCPU needs the pCPU to let the lock go.
    /// </summary>
    internal void Poll(ReadOnlySpan<uint> ports, Nanoseconds deadline, bool interruptsDisabled)
    {
        _pollEnded = false;
        _domain.EventChannels.BeginPoll(Id.Value, ports.Length == 1 ? (int)ports[0] : -1);
        foreach (uint port in ports)
        {
            if (!_domain.EventChannels.IsPending(port))
                continue;
            _domain.EventChannels.EndPoll(Id.Value);
            return;
        }

        _pollDeadline = deadline;
        _pollTakesInterrupts = !interruptsDisabled;
        _idle = IdleReason.Polling;
        LeaveGuest();
    }

    /// <summary>VCPUOP_up. False: it has never been started.</summary>
    internal bool BringUp()
    {
        if (_startUp.IsOut)
            return false;
        _isDown = false;
        RequestLook();
        return true;
    }

    /// <summary>VCPUOP_down.</summary>
    internal void TakeDown()
    {
        _isDown = true;
        RequestLook();
        _domain.CheckAllOut();
    }

    void IVcpuSignal.UpcallRaised()
    {
        byte vector = _upcallVector;
        if (vector == 0)
            Kick();
        else
            Apic.Raise(vector);
    }

    void IVcpuSignal.PollEnded()
    {
        _pollEnded = true;
        _lease.Wake();
    }

    void IApicHost.InterruptRaised() => Kick();

    void IApicHost.RaiseNmi() => RequestNmi();

    void IApicHost.Reset()
    {
        _startUp.Reset();
        RequestLook();
        _domain.CheckAllOut();
    }

    void IApicHost.StartAt(byte page)
    {
        _startUp.StartAt(page);
        RequestLook();
    }

    private void LeaveGuest() => Interlocked.Or(ref *_lease.Poll, (uint)PollBits.Exit);

    private void Run()
    {
        try
        {
            Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
            if (_bootState is not null)
                Cpu.Restore(_bootState);
            if (_lease.Acquire())
                Loop();
        }
        catch (Exception failure)
        {
            // Whatever broke, it broke this domain and nothing else.
            _domain.Fail($"vcpu {Id}: {failure}");
        }
        finally
        {
            _isExecuting = false;
            _domain.LookForPause();
        }
    }

    private void Loop()
    {
        bool hasLease = false;
        while (true)
        {
            VcpuRunstate next = Look(out Nanoseconds deadline);
            _lease.IsOnline = IsOnline;
            if (_domain.IsStopping)
                return;
            if (next != VcpuRunstate.Running)
            {
                Runstate.Enter(next);
                hasLease = false;
                if (next == VcpuRunstate.Blocked && _lease.Linger(deadline))
                    continue;
                bool wakesItself = deadline != Nanoseconds.Never;
                if (wakesItself)
                    _domain.Timers.Entrust(_ownTimers);
                _lease.Sleep(deadline);
                // What it waited for a pCPU after the wake-up was stolen from the guest, not slept.
                if (next == VcpuRunstate.Blocked && _lease.WokenAt is { Value: > 0 } woken)
                    Runstate.Enter(VcpuRunstate.Runnable, woken);
                if (wakesItself)
                    _domain.Timers.Reclaim(_ownTimers);
                else
                    _domain.Timers.RunDue();
                continue;
            }

            if (!hasLease)
            {
                Runstate.Enter(VcpuRunstate.Runnable);
                Nanoseconds paused = _lease.PausedTime;
                if (!_lease.Acquire())
                    return;
                _paused = _lease.PausedTime - paused;
                hasLease = true;
                continue;
            }

            hasLease = false;
            Runstate.Enter(VcpuRunstate.Running, paused: _paused);
            _paused = default;
            _isExecuting = true;
            Interlocked.MemoryBarrier();
            CpuExit exit = _domain.IsHeld ? CpuExit.Requested : Cpu.Run();
            _isExecuting = false;
            if (_lease.TakePreemption() is { } preempted)
                Runstate.Enter(VcpuRunstate.Runnable, preempted);
            if (_domain.IsHeld)
                _domain.LookForPause();
            Act(exit);
        }
    }

    /// <summary>What there is to do: <see cref="VcpuRunstate.Running"/>, or a kind of waiting and until when.</summary>
    private VcpuRunstate Look(out Nanoseconds deadline)
    {
        deadline = Nanoseconds.Never;
        if (_domain.IsHeld)
            return VcpuRunstate.Offline;
        if (_startUp.IsHeld)
            TakeStartUp();
        if (_isDown || _startUp.IsHeld)
            return VcpuRunstate.Offline;
        uint poll = Volatile.Read(ref *_lease.Poll);
        switch (_idle)
        {
            case IdleReason.HaltedForever when (poll & (uint)PollBits.Nmi) == 0:
                return VcpuRunstate.Offline;
            case IdleReason.Halted when (poll & Interrupting) == 0:
            case IdleReason.Blocked when (poll & Interrupting) == 0 && !Events.UpcallPending && !Apic.HasDeliverable:
                deadline = TimerDeadline();
                return VcpuRunstate.Blocked;
            case IdleReason.Polling when !_pollEnded && (poll & (uint)PollBits.Nmi) == 0 && _domain.Clock.Host.Now < _pollDeadline
                && !(_pollTakesInterrupts && ((poll & Interrupting) != 0 || Events.UpcallPending)):
                Nanoseconds timers = TimerDeadline();
                deadline = timers < _pollDeadline ? timers : _pollDeadline;
                return VcpuRunstate.Blocked;
            case IdleReason.Polling:
                _domain.EventChannels.EndPoll(Id.Value);
                break;
        }

        _idle = IdleReason.None;
        return VcpuRunstate.Running;
    }

    private Nanoseconds TimerDeadline()
    {
        Nanoseconds timers = Timers.Deadline;
        Nanoseconds apic = Apic.TimerDeadline;
        return timers < apic ? timers : apic;
    }

    private void TakeStartUp()
    {
        // Before the message is taken: a vCPU must not look halted for good while it is being started.
        _domain.EventChannels.EndPoll(Id.Value);
        _idle = IdleReason.None;
        bool starts = _startUp.Take(out bool reset, out byte page);
        if (reset)
        {
            // The reset has also cleared the request of an upcall that is still pending, and nobody makes another while it is: Linux registers a
            // vCPU's vcpu_info and upcall vector before it sends INIT.
            Apic.Reset();
            if (_upcallVector != 0 && Events.UpcallPending)
                Apic.Raise(_upcallVector);
        }

        if (!starts)
            return;
        CpuState state = new();
        Cpu.Capture(state);
        StartUpSequence.Apply(state, page);
        Cpu.Restore(state);
        _isDown = false;
    }

    private void Act(CpuExit exit)
    {
        switch (exit)
        {
            case CpuExit.Requested:
                break;
            case CpuExit.Halted when _idle == IdleReason.None:
                _idle = IdleReason.Halted;
                break;
            case CpuExit.HaltedForever:
                _idle = IdleReason.HaltedForever;
                _domain.CheckAllOut();
                break;
            case CpuExit.TripleFault:
                _domain.Log.Say($"vcpu {Id}: triple fault");
                _domain.Shutdown(ShutdownReason.Reboot);
                break;
            case CpuExit.Failed:
                _domain.Fail($"vcpu {Id}: {Cpu.FailureReason ?? "the engine gave no reason"}");
                break;
        }
    }
}
