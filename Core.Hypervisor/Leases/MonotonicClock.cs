using System.Diagnostics;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Leases;

/// <summary>CLOCK_MONOTONIC, which all processes of a machine share: times in a lease mean the same on both sides.</summary>
public static class MonotonicClock
{
    /// <summary>Now. On Linux .NET's stopwatch is this clock and counts nanoseconds; a test holds that.</summary>
    public static Nanoseconds Now => new(Stopwatch.GetTimestamp());
}
