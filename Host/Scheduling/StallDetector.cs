using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Looks again and again whether the same call into a plugin is still under way, and adds up for how long. Time in which the calling thread was
/// kept waiting by a busy host, or in which the looks themselves came late (the whole process stood still), is not the plugin's and does not count.
/// </summary>
internal sealed class StallDetector(Func<int, long> waitedForCpu)
{
    /// <summary>How often to look at a call that is under way.</summary>
    internal static readonly Nanoseconds Interval = Nanoseconds.FromMilliseconds(20);

    /// <summary>How often to look whether one is: looks cost more than the calls, and with these both it is known within a tenth of a second.</summary>
    internal static readonly Nanoseconds QuietInterval = Nanoseconds.FromMilliseconds(40);

    /// <summary>A decision takes microseconds. Guests must not stand still for a tenth of a second because of one.</summary>
    internal static readonly Nanoseconds Limit = Nanoseconds.FromMilliseconds(40);

    private long _call;
    private Nanoseconds _lastLook;
    private long _lastWaited;
    private long _stalled;

    /// <summary>Reads waiting times from the kernel.</summary>
    internal StallDetector()
        : this(HostThread.WaitedForCpu)
    {
    }

    /// <summary>Takes a look. True: the call has been under way for longer than a plugin may take.</summary>
    internal bool Look((long Number, int Thread)? underWay, Nanoseconds now)
    {
        if (underWay is not (var number, var thread))
        {
            _call = 0;
            return false;
        }

        long waited = waitedForCpu(thread);
        if (number == _call)
        {
            long passed = Math.Min((now - _lastLook).Value, Interval.Value);
            _stalled += Math.Max(0, passed - Math.Max(0, waited - _lastWaited));
        }
        else
        {
            _call = number;
            _stalled = 0;
        }

        _lastLook = now;
        _lastWaited = waited;
        return _stalled >= Limit.Value;
    }
}
