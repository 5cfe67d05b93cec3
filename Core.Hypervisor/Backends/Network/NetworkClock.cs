using System.Diagnostics;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>The clock of the back-end's paces and limits: microseconds, from anywhere, never backwards.</summary>
internal static class NetworkClock
{
    internal static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
