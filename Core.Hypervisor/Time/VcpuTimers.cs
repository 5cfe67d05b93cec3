using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>A vCPU's two timers of the vcpu_op interface: one-shot at an absolute system time, and periodic. Both raise VIRQ_TIMER.</summary>
internal sealed class VcpuTimers
{
    private readonly GuestClock _clock;
    private readonly TimerQueue _queue;
    private readonly GuestTimer _singleShot;
    private readonly GuestTimer _periodic;
    private readonly Action _raise;
    private long _period;

    internal VcpuTimers(GuestClock clock, TimerQueue queue, Action raise)
    {
        _clock = clock;
        _queue = queue;
        _raise = raise;
        _singleShot = new GuestTimer(_ => raise());
        _periodic = new GuestTimer(FirePeriodic);
    }

    /// <summary>When the earlier of the two fires.</summary>
    internal Nanoseconds Deadline
    {
        get
        {
            Nanoseconds singleShot = _singleShot.Deadline;
            Nanoseconds periodic = _periodic.Deadline;
            return singleShot < periodic ? singleShot : periodic;
        }
    }

    /// <summary>The two.</summary>
    internal IEnumerable<GuestTimer> All => [_singleShot, _periodic];

    internal void SetSingleShot(ulong systemTime) => _queue.Arm(_singleShot, _clock.ToHost(systemTime));

    internal void StopSingleShot() => _queue.Cancel(_singleShot);

    internal void SetPeriodic(long period)
    {
        Volatile.Write(ref _period, period);
        _queue.Arm(_periodic, _clock.Host.Now + new Nanoseconds(period));
    }

    internal void StopPeriodic() => _queue.Cancel(_periodic);

    private void FirePeriodic(Nanoseconds due)
    {
        // A late firing makes up for the periods missed with one event, and keeps the beat.
        long period = Volatile.Read(ref _period);
        long late = Math.Max((_clock.Host.Now - due).Value, 0);
        _queue.Arm(_periodic, due + new Nanoseconds((late / period * period) + period));
        _raise();
    }
}
