using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>Time that moves only by a test's hand; whoever waits for a point of it is woken when it passes.</summary>
internal sealed class FakeClock : IClock
{
    private readonly object _gate = new();
    private long _now = 5_000_000_000;

    public Nanoseconds Now => new(Volatile.Read(ref _now));

    public Nanoseconds UnixTime => new(1_700_000_000_000_000_000 + Volatile.Read(ref _now));

    public IAlarm CreateAlarm() => new Alarm(this);

    internal void Advance(long nanoseconds)
    {
        lock (_gate)
        {
            Volatile.Write(ref _now, _now + nanoseconds);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the time has come or the condition holds; the condition's owner calls <see cref="Pulse"/>.</summary>
    internal void WaitUntil(Nanoseconds deadline, Func<bool> condition)
    {
        lock (_gate)
        {
            while (Now < deadline && !condition())
                Monitor.Wait(_gate);
        }
    }

    internal void Pulse()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private sealed class Alarm(FakeClock clock) : IAlarm
    {
        private long _deadline = long.MaxValue;
        private int _rung;

        public void Move(Nanoseconds deadline)
        {
            Volatile.Write(ref _deadline, deadline.Value);
            clock.Pulse();
        }

        public void Wait() => clock.WaitUntil(
            Nanoseconds.Never, () => Volatile.Read(ref _rung) != 0 || clock.Now.Value >= Volatile.Read(ref _deadline));

        public void Ring()
        {
            Volatile.Write(ref _rung, 1);
            clock.Pulse();
        }

        public void Dispose()
        {
        }
    }
}
