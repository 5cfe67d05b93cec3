using System.Diagnostics;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>The clock of back-ends' paces and limits: microseconds, from anywhere, never backwards.</summary>
internal static class BackendClock
{
    internal static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
