using System.Runtime.InteropServices;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Native;

/// <summary>Waiting on a 32-bit word that several processes may map (futex(2); x86-64 Linux values).</summary>
internal static unsafe partial class Futex
{
    private const long SysFutex = 202;
    private const int OpWake = 1;
    // Unlike FUTEX_WAIT, whose timeout is a span, this takes a point of CLOCK_MONOTONIC: a wait that is interrupted and repeated does not get longer.
    private const int OpWaitBitset = 9;
    private const uint AnyBit = 0xffffffff;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>
    /// Waits while the word holds <paramref name="expected"/>, until a <see cref="Wake"/> or the deadline. Returns early for any reason or none: the
    /// caller looks at the word again. The kernel compares and goes to sleep in one step, so a change followed by a wake is not missed.
    /// </summary>
    internal static void Wait(uint* word, uint expected, Nanoseconds deadline)
    {
        if (deadline == Nanoseconds.Never)
        {
            Syscall(SysFutex, word, OpWaitBitset, expected, null, null, AnyBit);
            return;
        }
        long point = Math.Max(deadline.Value, 0);
        var until = new Timespec(point / NanosecondsPerSecond, point % NanosecondsPerSecond);
        Syscall(SysFutex, word, OpWaitBitset, expected, &until, null, AnyBit);
    }

    /// <summary>Wakes up to <paramref name="count"/> threads that wait on the word, in this process or another.</summary>
    internal static void Wake(uint* word, int count) => Syscall(SysFutex, word, OpWake, (uint)count, null, null, 0);

    // syscall(2) is variadic in C; on x86-64 its arguments are passed as those of any other function, and it reads no vector registers.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Syscall(long number, uint* word, long operation, uint value, Timespec* timeout, uint* word2, uint value3);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec(long seconds, long nanoseconds)
    {
        internal readonly long Seconds = seconds;
        internal readonly long Nanoseconds = nanoseconds;
    }
}
