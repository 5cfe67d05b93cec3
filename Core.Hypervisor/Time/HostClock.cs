using System.Diagnostics;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>The host's own clocks: CLOCK_MONOTONIC, which is what .NET's <see cref="Stopwatch"/> reads on Linux in nanoseconds, and UTC.</summary>
public sealed class HostClock : IClock
{
    /// <inheritdoc/>
    public Nanoseconds Now => new(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public Nanoseconds UnixTime => new((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);

    /// <inheritdoc/>
    public IAlarm CreateAlarm() => new HostAlarm();
}
