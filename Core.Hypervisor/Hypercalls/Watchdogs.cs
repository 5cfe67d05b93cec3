using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>SCHEDOP_watchdog: two timers per domain; one that a guest does not set again in time ends it with <see cref="ShutdownReason.Watchdog"/>.</summary>
internal sealed class Watchdogs
{
    private const int Count = 2;

    private readonly Lock _lock = new();
    private readonly Domain _domain;
    private readonly GuestTimer[] _timers = new GuestTimer[Count];
    private readonly bool[] _inUse = new bool[Count];

    internal Watchdogs(Domain domain)
    {
        _domain = domain;
        for (int index = 0; index < Count; index++)
            _timers[index] = new GuestTimer(_ => domain.Shutdown(ShutdownReason.Watchdog));
    }

    /// <summary>Id 0 takes a free timer and answers its id, 1 or 2; another id sets that one anew; 0 seconds gives it back.</summary>
    internal long Set(uint id, uint seconds)
    {
        lock (_lock)
        {
            if (id > Count)
                return Errno.Invalid;
            if (id == 0)
            {
                if (seconds == 0)
                    return Errno.Invalid;
                int free = Array.IndexOf(_inUse, false);
                if (free < 0)
                    return Errno.NoSpace;
                _inUse[free] = true;
                Arm(free, seconds);
                return free + 1;
            }

            int index = (int)id - 1;
            if (!_inUse[index])
                return Errno.Invalid;
            if (seconds == 0)
            {
                _inUse[index] = false;
                _domain.Timers.Cancel(_timers[index]);
            }
            else
            {
                Arm(index, seconds);
            }

            return 0;
        }
    }

    private void Arm(int index, uint seconds) =>
        _domain.Timers.Arm(_timers[index], _domain.Clock.Host.Now + new Nanoseconds(seconds * 1_000_000_000L));
}
