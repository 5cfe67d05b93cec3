using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Apic;

/// <summary>
/// A local APIC's timer, counting down at 1 GHz divided as configured; one-shot or periodic (Intel SDM volume 3, "APIC timer"). TSC-deadline mode is
/// not offered.
/// </summary>
internal sealed class ApicTimer
{
    // A shorter period would let a guest keep the timer thread busy; no system asks for one.
    private const long ShortestPeriod = 100_000;

    private readonly IClock _clock;
    private readonly TimerQueue _queue;
    private readonly GuestTimer _timer;
    private readonly Action _elapsed;
    private long _period;
    private bool _isPeriodic;

    /// <param name="clock">The host's time.</param>
    /// <param name="queue">Keeps the timer.</param>
    /// <param name="elapsed">Called at each end of the count, on whatever thread runs the queue.</param>
    internal ApicTimer(IClock clock, TimerQueue queue, Action elapsed)
    {
        _clock = clock;
        _queue = queue;
        _elapsed = elapsed;
        _timer = new GuestTimer(Fire);
    }

    /// <summary>What the queue keeps.</summary>
    internal GuestTimer Timer => _timer;

    /// <summary>When it ends next.</summary>
    internal Nanoseconds Deadline => _timer.Deadline;

    /// <summary>Divide configuration register: bits 0, 1 and 3.</summary>
    internal uint DivideConfiguration { get; private set; }

    /// <summary>Initial count register.</summary>
    internal uint InitialCount { get; private set; }

    /// <summary>Current count register.</summary>
    internal uint CurrentCount
    {
        get
        {
            Nanoseconds deadline = _timer.Deadline;
            if (deadline == Nanoseconds.Never)
                return 0;
            long left = Math.Max((deadline - _clock.Now).Value, 0);
            return (uint)Math.Min(left / Divisor, InitialCount);
        }
    }

    private long Divisor
    {
        get
        {
            uint value = (DivideConfiguration & 3) | ((DivideConfiguration & 8) >> 1);
            return value == 7 ? 1 : 2L << (int)value;
        }
    }

    /// <summary>Writes the initial count: starts the count anew, or stops it with 0.</summary>
    internal void Start(uint count, bool periodic)
    {
        InitialCount = count;
        Volatile.Write(ref _isPeriodic, periodic);
        if (count == 0)
        {
            _queue.Cancel(_timer);
            return;
        }

        long length = count * Divisor;
        Volatile.Write(ref _period, Math.Max(length, ShortestPeriod));
        _queue.Arm(_timer, _clock.Now + new Nanoseconds(length));
    }

    /// <summary>The timer's local vector entry changed mode; the present count runs on.</summary>
    internal void SetPeriodic(bool periodic) => Volatile.Write(ref _isPeriodic, periodic);

    /// <summary>Writes the divide configuration. A running count is scaled from now on only when it is started anew, as most systems expect.</summary>
    internal void SetDivide(uint value) => DivideConfiguration = value & 0xb;

    /// <summary>Stops, as INIT does.</summary>
    internal void Reset()
    {
        _queue.Cancel(_timer);
        InitialCount = 0;
        DivideConfiguration = 0;
        _isPeriodic = false;
    }

    private void Fire(Nanoseconds due)
    {
        if (Volatile.Read(ref _isPeriodic))
        {
            // Periods missed while nobody looked are not made up for.
            long period = Volatile.Read(ref _period);
            long late = Math.Max((_clock.Now - due).Value, 0);
            _queue.Arm(_timer, due + new Nanoseconds((late / period * period) + period));
        }

        _elapsed();
    }
}
