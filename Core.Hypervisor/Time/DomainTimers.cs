namespace Hospes.Hypervisor.Time;

/// <summary>The thread that fires a domain's timers while its vCPUs are busy with guest code.</summary>
internal sealed class DomainTimers : IDisposable
{
    private readonly IAlarm _alarm;
    private readonly Thread _thread;
    private volatile bool _stop;

    internal DomainTimers(IClock clock)
    {
        _alarm = clock.CreateAlarm();
        Queue = new TimerQueue(clock) { Alarm = _alarm };
        _thread = new Thread(Loop) { Name = "domain timers", IsBackground = true };
    }

    /// <summary>The timers.</summary>
    internal TimerQueue Queue { get; }

    internal void Start() => _thread.Start();

    public void Dispose()
    {
        if (_stop)
            return;
        _stop = true;
        _alarm.Ring();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            _thread.Join();
        _alarm.Dispose();
    }

    private void Loop()
    {
        while (!_stop)
        {
            Queue.Plan();
            _alarm.Wait();
        }
    }
}
