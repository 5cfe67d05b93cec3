using Hospes.Sdk;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// A vCPU's CPU time in one word, so that a reader in another process can never see half of a change. Standing: the time used. Running: the time used
/// minus the moment the present stretch began, a negative number, since no vCPU has used as much time as the machine has been up.
/// </summary>
internal static class LeaseClock
{
    /// <summary>CPU time used up to now, the present stretch included.</summary>
    internal static Nanoseconds Total(long clock, Nanoseconds now) => new(clock < 0 ? Math.Max(0, clock + now.Value) : clock);

    internal static bool IsRunning(long clock) => clock < 0;

    /// <summary>Starts a clock that stands; one that runs is left alone.</summary>
    /// <remarks>A compare-and-swap: the Host may stop it at the same moment, and who comes second would else undo that.</remarks>
    internal static void Start(ref long clock, Nanoseconds now)
    {
        long before = Volatile.Read(ref clock);
        if (!IsRunning(before))
            Interlocked.CompareExchange(ref clock, before - now.Value, before);
    }

    /// <summary>Stops a clock that runs; one that stands is left alone.</summary>
    internal static void Stop(ref long clock, Nanoseconds now)
    {
        long before = Volatile.Read(ref clock);
        if (IsRunning(before))
            Interlocked.CompareExchange(ref clock, Total(before, now).Value, before);
    }
}
