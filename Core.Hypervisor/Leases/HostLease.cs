using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Leases;

/// <summary>The Host's side of a lease: the steps that <see cref="LeaseLine"/> marks H. Each says whether it could be taken; nothing waits.</summary>
/// <param name="line">The lease; its page outlives this.</param>
public readonly unsafe struct HostLease(LeaseLine* line)
{
    private readonly LeaseLine* _line = line;

    /// <summary>Where the vCPU stands at this moment.</summary>
    public LeaseState State => new(Volatile.Read(ref _line->State));

    /// <summary>The vCPU is started and not taken down, as the domain's process says.</summary>
    public bool IsOnline => Volatile.Read(ref _line->Online) != 0;

    /// <summary>CPU time used so far, as the domain's process counts it; may go back by a little when read while that process writes nonsense.</summary>
    public Nanoseconds CpuTime(Nanoseconds now) => LeaseClock.Total(Volatile.Read(ref _line->Clock), now);

    /// <summary>Notes which doorbell to ring before the first grant.</summary>
    public void SetHome(PcpuId pcpu) => Volatile.Write(ref _line->Pcpu, pcpu.Value);

    /// <summary>The pCPU of the last grant, or that of <see cref="SetHome"/>; only for people, as the domain's process can change it.</summary>
    public PcpuId? Home => Volatile.Read(ref _line->Pcpu) is >= 0 and int pcpu ? new PcpuId(pcpu) : null;

    /// <summary>Grants a pCPU to a vCPU that waits for one, and wakes its thread. False: it no longer waits, is paused, ending or without Host.</summary>
    public bool TryGrant(PcpuId pcpu, Nanoseconds turnEnds, bool wanted)
    {
        // Before the grant: the compare-and-swap that makes it publishes them.
        SetHome(pcpu);
        SetTurnEnds(turnEnds);
        bool granted = TryMove(
            LeasePhase.Runnable, LeaseFlags.Paused | LeaseFlags.Ending | LeaseFlags.Detached, LeasePhase.Running,
            clear: LeaseFlags.Revoke | LeaseFlags.RingOnWake | LeaseFlags.Wanted, set: wanted ? LeaseFlags.Wanted : 0);
        if (granted)
            Futex.Wake(&_line->State, int.MaxValue);
        return granted;
    }

    /// <summary>Notes a new end of the turn.</summary>
    public void SetTurnEnds(Nanoseconds turnEnds) => Volatile.Write(ref _line->TurnEnds, turnEnds.Value);

    /// <summary>Asks the pCPU back from a vCPU that runs. False: it does not run.</summary>
    public bool TryRevoke()
    {
        if (!TryMove(LeasePhase.Running, LeaseFlags.Detached, LeasePhase.Running, clear: 0, set: LeaseFlags.Revoke))
            return false;
        // After Revoke, see LeaseLine on memory order.
        Interlocked.Or(ref _line->Poll, (uint)PollBits.Exit);
        return true;
    }

    /// <summary>
    /// Takes the pCPU from a vCPU that runs, at once: for a caller that keeps the vCPU's host CPU busy itself, so that its thread is certainly not running. The
    /// vCPU goes on asking for a pCPU. False: it does not run.
    /// </summary>
    /// <remarks>A thread that is elsewhere after all, on its way to its CPU, runs on to its next poll, which comes within microseconds.</remarks>
    public bool TryPreempt(Nanoseconds now)
    {
        // Before the state: a thread that sees the one sees the other.
        Volatile.Write(ref _line->PreemptedAt, now.Value);
        if (!TryMove(
            LeasePhase.Running, LeaseFlags.Detached | LeaseFlags.Paused | LeaseFlags.Ending, LeasePhase.Runnable, clear: LeaseFlags.Revoke | LeaseFlags.Wanted, set: 0))
        {
            Volatile.Write(ref _line->PreemptedAt, 0);
            return false;
        }

        Interlocked.Or(ref _line->Poll, (uint)PollBits.Exit);
        LeaseClock.Stop(ref _line->Clock, now);
        return true;
    }

    /// <summary>Takes the pCPU from a vCPU that sleeps on it. False: it does not sleep in place.</summary>
    public bool TryReclaim() => TryMove(
        LeasePhase.Asleep, LeaseFlags.Detached, LeasePhase.Blocked, clear: LeaseFlags.Revoke | LeaseFlags.Wanted | LeaseFlags.RingOnWake, set: 0);

    /// <summary>Lets a vCPU that sleeps in place keep its pCPU without a timer: it rings when it wakes. False: it does not sleep in place.</summary>
    public bool TryLapse() => TryMove(LeasePhase.Asleep, LeaseFlags.Detached, LeasePhase.Asleep, clear: 0, set: LeaseFlags.RingOnWake);

    /// <summary>
    /// Has the host run the thread of a vCPU that was asked to give back before all ordinary ones: it cannot look at its poll word while others keep it
    /// from a CPU. The thread becomes an ordinary one again before its next turn. False: it is none of the domain's process, or it is not allowed.
    /// </summary>
    /// <param name="process">The domain's process.</param>
    public bool TryHurry(int process) => HostThread.TryHurry(process, Volatile.Read(ref _line->Thread), ThreadUrgency.Priority);

    /// <summary>
    /// Takes the pCPU from a vCPU that was asked and did not give it back. Its thread learns of it when it next looks; what it runs until then
    /// runs beside the pCPU's next holder.
    /// </summary>
    /// <remarks>The wake-up left behind is for a thread between a wake in place and its next look, which would else sleep on, now blocked.</remarks>
    public bool TryForce() => TryMove(
        LeasePhase.Running, LeaseFlags.Detached, LeasePhase.Blocked, clear: LeaseFlags.Revoke | LeaseFlags.Wanted, set: LeaseFlags.WakePending);

    /// <summary>Tells a vCPU that holds a pCPU whether somebody waits for one.</summary>
    public void SetWanted(bool wanted)
    {
        LeaseFlags set = wanted ? LeaseFlags.Wanted : 0;
        while (State is { HoldsPcpu: true } state && !TryMove(state.Phase, LeaseFlags.Detached, state.Phase, LeaseFlags.Wanted, set) && !state.Has(LeaseFlags.Detached))
        {
            // It went to sleep or woke between the two looks.
        }
    }

    /// <summary>Pauses or unpauses; takes nothing away yet. Holds also while there is no Host.</summary>
    /// <remarks>A thread that waits is woken to note it: what it waits from here on is not stolen from it.</remarks>
    public void SetPaused(bool paused)
    {
        if (paused)
            Interlocked.Or(ref _line->State, (uint)LeaseFlags.Paused);
        else
            Interlocked.And(ref _line->State, ~(uint)LeaseFlags.Paused);
        Futex.Wake(&_line->State, int.MaxValue);
    }

    private bool TryMove(LeasePhase from, LeaseFlags without, LeasePhase to, LeaseFlags clear, LeaseFlags set)
    {
        while (State is var state && state.Phase == from && !state.Has(without))
        {
            uint next = state.To(to).Without(clear).With(set).Word;
            if (next == state.Word || Interlocked.CompareExchange(ref _line->State, next, state.Word) == state.Word)
                return true;
        }
        return false;
    }
}
