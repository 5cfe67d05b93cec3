using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>A thread that sees when a call into the scheduler plugin does not come back, whoever made it.</summary>
internal sealed class SchedulerWatcher
{
    private readonly Func<CallWatch> _watch;
    private readonly Action<CallWatch, long, int> _giveUp;
    private readonly StallDetector _detector = new();
    private readonly DoorbellPage _stop = DoorbellPage.Create([-1]);
    private readonly Thread _thread;

    /// <param name="watch">The calls to watch at present.</param>
    /// <param name="giveUp">A call has taken too long: its number, and the host's thread that makes it.</param>
    internal SchedulerWatcher(Func<CallWatch> watch, Action<CallWatch, long, int> giveUp)
    {
        _watch = watch;
        _giveUp = giveUp;
        _thread = new Thread(Run) { IsBackground = true, Name = "scheduler watch" };
    }

    internal void Start() => _thread.Start();

    internal void Stop()
    {
        _stop.Ring(0);
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        HostThread.TryMakeRealTime(PcpuExecutor.Priority + 1);
        Nanoseconds next = MonotonicClock.Now;
        while (_stop.Rings(0) == 0)
        {
            Nanoseconds now = MonotonicClock.Now;
            if (now < next)
            {
                _stop.Wait(0, seen: 0, next);
                continue;
            }

            CallWatch watch = _watch();
            (long Number, int Thread)? underWay = watch.UnderWay;
            if (_detector.Look(underWay, now) && underWay is { } call)
                _giveUp(watch, call.Number, call.Thread);
            next = now + (underWay is null ? StallDetector.QuietInterval : StallDetector.Interval);
        }
    }
}
