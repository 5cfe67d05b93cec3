using System.Runtime.InteropServices;
using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

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

    // A CPU that was away for longer between two looks has had somebody else's work to do.
    private const long Away = 250_000;
    private const int WaitsAfterDispute = 200;

    // A look costs a cache line at most, and the other thread of the core runs the better meanwhile (PAUSE).
    private const int Pause = 20;

    private int _sleeps; // waits that are to be slept through, as the CPU is wanted

    /// <summary>Nanoseconds to look for before going to sleep; 0: to sleep at once.</summary>
    internal long Span { get; private set; }

    /// <summary>
    /// Between two looks: whoever else wants this CPU has it first. False: somebody did, so that to look on would cost him and us more than a sleep, after which a
    /// thread comes before those that have run meanwhile; the window is closed for a while.
    /// </summary>
    /// <param name="now">The time, brought up to date.</param>
    internal bool Relax(ref Nanoseconds now)
    {
        Thread.SpinWait(Pause);
        YieldCpu();
        Nanoseconds before = now;
        now = MonotonicClock.Now;
        if ((now - before).Value < Away)
            return true;
        Span = 0;
        _sleeps = WaitsAfterDispute;
        return false;
    }

    /// <summary>A wait is over, in which the thread looked, slept or both.</summary>
    /// <param name="nanoseconds">How long it took in all.</param>
    internal void Waited(long nanoseconds)
    {
        if (nanoseconds <= Span)
            return;
        if (_sleeps > 0)
        {
            _sleeps--;
            return;
        }

        Span = nanoseconds <= longest
            ? Math.Clamp(Span * 2, Math.Min(Shortest, longest), longest)
            : Span > Shortest ? Span / 2 : 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    private static partial int YieldCpu();
}
