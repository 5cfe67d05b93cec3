using System.Runtime.InteropServices;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>
/// An alarm by timerfd_create(2) on CLOCK_MONOTONIC: nanosecond resolution, which .NET's own waits (whole milliseconds) do not have, and to move it wakes
/// no thread, which costs a guest that sets a timer less than anything else.
/// </summary>
internal sealed unsafe partial class HostAlarm : IAlarm
{
    private const int ClockMonotonic = 1;
    private const int CloseOnExec = 0x80000;
    private const int AbsoluteTime = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    // Closed only by the finaliser: a late Ring must not set another file's timer.
    private readonly int _timer;
    private volatile bool _isRung;

    internal HostAlarm()
    {
        _timer = Create(ClockMonotonic, CloseOnExec);
        if (_timer < 0)
            throw new IOException($"cannot make a timer: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    ~HostAlarm()
    {
        if (_timer >= 0)
            Close(_timer);
    }

    public void Move(Nanoseconds deadline)
    {
        Set(deadline);
        // Either this sees that it was rung, or the ring comes after it.
        if (_isRung)
            Set(default);
    }

    public void Wait()
    {
        ulong ended;
        // Safe: eight bytes on this stack frame. A signal may end it early, as the contract allows.
        Read(_timer, &ended, sizeof(ulong));
        GC.KeepAlive(this);
    }

    public void Ring()
    {
        _isRung = true;
        Set(default);
    }

    public void Dispose() => Ring();

    // A time of zero would disarm it; one nanosecond after the start of the clock has passed.
    private void Set(Nanoseconds deadline)
    {
        long time = deadline == Nanoseconds.Never ? 0 : Math.Max(deadline.Value, 1);
        TimerSetting setting = new() { Seconds = time / NanosecondsPerSecond, Nanoseconds = time % NanosecondsPerSecond };
        SetTime(_timer, AbsoluteTime, &setting, null);
        GC.KeepAlive(this);
    }

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int Create(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime")]
    private static partial int SetTime(int timer, int flags, TimerSetting* setting, TimerSetting* before);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, ulong* value, nuint bytes);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    /// <summary>struct itimerspec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimerSetting
    {
        public long IntervalSeconds;
        public long IntervalNanoseconds;
        public long Seconds;
        public long Nanoseconds;
    }
}
