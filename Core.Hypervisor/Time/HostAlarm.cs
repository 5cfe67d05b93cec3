using System.Runtime.InteropServices;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>
/// A wait on a futex with an absolute CLOCK_MONOTONIC deadline: nanosecond resolution, which .NET's own waits (whole milliseconds) do not have.
/// </summary>
internal sealed unsafe partial class HostAlarm : IAlarm
{
    // futex(2), x86-64: number and operations; the "bitset" wait is the one that takes an absolute monotonic time.
    private const long SysFutex = 202;
    private const long WaitBitsetPrivate = 9 | 128;
    private const long WakePrivate = 1 | 128;
    private const long MatchAny = 0xffff_ffff;
    private const int Idle = 0;
    private const int Rung = 1;

    // A futex word must not move, so it lives outside the managed heap. Freed only by the finaliser: a late Ring must not touch freed memory.
    private readonly int* _word = (int*)NativeMemory.AllocZeroed(sizeof(int));

    ~HostAlarm() => NativeMemory.Free(_word);

    public void WaitUntil(Nanoseconds deadline)
    {
        if (Interlocked.Exchange(ref *_word, Idle) == Rung)
            return;
        Timespec time = new(deadline.Value / 1_000_000_000, deadline.Value % 1_000_000_000);

        // Safe: the word outlives the call (this object is reachable), and the time is on this stack frame.
        SystemCall(SysFutex, _word, WaitBitsetPrivate, Idle, deadline == Nanoseconds.Never ? null : &time, null, MatchAny);
        Volatile.Write(ref *_word, Idle);
        GC.KeepAlive(this);
    }

    public void Ring()
    {
        if (Interlocked.Exchange(ref *_word, Rung) == Idle)
            SystemCall(SysFutex, _word, WakePrivate, 1, null, null, 0);
        GC.KeepAlive(this);
    }

    public void Dispose() => Ring();

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, int* word, long operation, long value, Timespec* timeout, int* word2, long value3);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
