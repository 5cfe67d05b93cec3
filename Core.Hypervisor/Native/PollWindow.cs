using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>
/// How long a thread that has run out of work looks for more before it goes to sleep (Linux calls it halt polling). To be woken costs tens of
/// microseconds on a machine whose other CPU has gone to sleep, and more on a virtual one; so looking pays where work comes sooner than that, and there alone: the
/// window opens by what recent waits have taken, and closes again. One thread.
/// </summary>
/// <param name="longest">Nanoseconds; 0: the thread always sleeps.</param>
internal partial struct PollWindow(long longest)
{
    private const long Shortest = 10_000;

    // A look costs a cache line at most, and the other thread of the core runs the better meanwhile (PAUSE).
    private const int Pause = 20;

    /// <summary>Nanoseconds to look for before going to sleep; 0: to sleep at once.</summary>
    internal long Span { get; private set; }

    /// <summary>Between two looks: whoever else wants this CPU has it first.</summary>
    internal static void Relax()
    {
        Thread.SpinWait(Pause);
        YieldCpu();
    }

    /// <summary>A wait is over, in which the thread looked, slept or both.</summary>
    /// <param name="nanoseconds">How long it took in all.</param>
    internal void Waited(long nanoseconds)
    {
        if (nanoseconds <= Span)
            return;
        Span = nanoseconds <= longest
            ? Math.Clamp(Span * 2, Math.Min(Shortest, longest), longest)
            : Span > Shortest ? Span / 2 : 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    private static partial int YieldCpu();
}
