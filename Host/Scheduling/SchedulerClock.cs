using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>
/// The thread that rings executors when something is due at their pCPUs. One timer for all of them, moved only to an earlier time: an executor that set one of its
/// own with each wait would have the host reprogram its hardware for every wake-up of a guest, which costs more than the decision.
/// </summary>
internal sealed class SchedulerClock
{
    private readonly Action<Nanoseconds> _chime;
    private readonly IAlarm _alarm = new HostClock().CreateAlarm();
    private readonly Thread _thread;
    private Nanoseconds _planned = Nanoseconds.Never;
    private volatile bool _stopping;

    /// <param name="chime">Rings whoever is due at the time given and plans anew; on the clock's thread.</param>
    internal SchedulerClock(Action<Nanoseconds> chime)
    {
        _chime = chime;
        _thread = new Thread(Run) { IsBackground = true, Name = "scheduler clock" };
    }

    internal void Start() => _thread.Start();

    /// <summary>Chimes at the latest then. The caller keeps others from this and <see cref="Restart"/> meanwhile.</summary>
    internal void Plan(Nanoseconds deadline)
    {
        if (deadline < _planned)
            Restart(deadline);
    }

    /// <summary>Chimes next then, not before.</summary>
    internal void Restart(Nanoseconds deadline)
    {
        _planned = deadline;
        _alarm.Move(deadline);
    }

    internal void Stop()
    {
        _stopping = true;
        _alarm.Ring();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            _thread.Join();
        _alarm.Dispose();
    }

    private void Run()
    {
        HostThread.TryMakeRealTime(PcpuExecutor.Priority);
        while (!_stopping)
        {
            _alarm.Wait();
            if (!_stopping)
                _chime(MonotonicClock.Now);
        }
    }
}
