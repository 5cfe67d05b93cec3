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

    /// <summary>The word of a clock that starts now.</summary>
    internal static long Started(long clock, Nanoseconds now) => Total(clock, now).Value - now.Value;

    /// <summary>The word of a clock that stops now.</summary>
    internal static long Stopped(long clock, Nanoseconds now) => Total(clock, now).Value;
}
