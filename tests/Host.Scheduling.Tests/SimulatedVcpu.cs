using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>A vCPU's side of the lease protocol without a thread: each step does at once what the thread would have done meanwhile.</summary>
internal sealed unsafe class SimulatedVcpu(VcpuKey key, LeasePage page)
{
    private readonly LeaseLine* _line = page.Line(key.Vcpu.Value);

    internal VcpuKey Key => key;

    internal LeaseState State
    {
        get => new(_line->State);
        set => _line->State = value.Word;
    }

    /// <summary>How long it runs before it sleeps; never: a hog.</summary>
    internal Nanoseconds Burst { get; init; } = Nanoseconds.Never;

    /// <summary>How long it sleeps then.</summary>
    internal Nanoseconds Nap { get; init; } = Nanoseconds.Never;

    /// <summary>Does not look at its poll word.</summary>
    internal bool Deaf { get; set; }

    /// <summary>Starts with nothing to do.</summary>
    internal bool StartsAsleep { get; init; }

    internal Nanoseconds Used => new(_line->Clock);

    /// <summary>Pretends to have used this.</summary>
    internal void Claim(long nanoseconds) => _line->Clock = nanoseconds;

    /// <summary>Times it was told to give back.</summary>
    internal int Revoked { get; private set; }

    /// <summary>The longest it has waited for a pCPU.</summary>
    internal Nanoseconds LongestWait { get; private set; }

    private Nanoseconds _burstLeft;
    private Nanoseconds _wakeAt = Nanoseconds.Never;
    private Nanoseconds _waitingSince;

    internal bool HoldsPcpu => State.HoldsPcpu;

    /// <summary>The time from <paramref name="now"/> - <paramref name="step"/> to <paramref name="now"/> has passed.</summary>
    internal void Step(Nanoseconds now, Nanoseconds step)
    {
        switch (State.Phase)
        {
            case LeasePhase.Offline when StartsAsleep:
                State = State.To(LeasePhase.Blocked);
                break;
            case LeasePhase.Offline:
                Ask(now);
                break;
            case LeasePhase.Runnable:
                if (_line->PreemptedAt != 0)
                    _waitingSince = new Nanoseconds(_line->PreemptedAt);
                _line->PreemptedAt = 0;
                if (now - _waitingSince > LongestWait)
                    LongestWait = now - _waitingSince;
                break;
            case LeasePhase.Running:
                Run(now, step);
                break;
            default:
                if (now >= _wakeAt)
                    Wake(now);
                break;
        }
    }

    internal void Wake(Nanoseconds now)
    {
        _wakeAt = Nanoseconds.Never;
        _burstLeft = Burst;
        if (State.Phase == LeasePhase.Asleep)
        {
            bool ring = State.Has(LeaseFlags.RingOnWake);
            State = State.To(LeasePhase.Running).Without(LeaseFlags.RingOnWake);
            if (ring)
                page.RaiseAttention(key.Vcpu.Value);
        }
        else
        {
            Ask(now);
        }
    }

    private void Ask(Nanoseconds now)
    {
        if (_burstLeft.Value == 0)
            _burstLeft = Burst;
        _waitingSince = now;
        State = State.To(LeasePhase.Runnable).Without(LeaseFlags.Revoke | LeaseFlags.Wanted);
        page.RaiseAttention(key.Vcpu.Value);
    }

    private void Run(Nanoseconds now, Nanoseconds step)
    {
        _line->Clock += step.Value;
        if (Deaf)
            return;
        bool asked = (_line->Poll & (uint)PollBits.Exit) != 0;
        _line->Poll = 0;
        if (Burst != Nanoseconds.Never && (_burstLeft -= step) <= default(Nanoseconds))
            Sleep(now);
        else if (asked && State.Has(LeaseFlags.Revoke))
            GiveBack(now);
    }

    private void GiveBack(Nanoseconds now)
    {
        Revoked++;
        Ask(now);
    }

    private void Sleep(Nanoseconds now)
    {
        _wakeAt = Nap == Nanoseconds.Never ? Nap : now + Nap;
        if (!State.Has(LeaseFlags.Wanted | LeaseFlags.Revoke))
        {
            State = State.To(LeasePhase.Asleep);
            return;
        }
        State = State.To(LeasePhase.Blocked).Without(LeaseFlags.Wanted | LeaseFlags.Revoke);
        page.RaiseAttention(key.Vcpu.Value);
    }
}
