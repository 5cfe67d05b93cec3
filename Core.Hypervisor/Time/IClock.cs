using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>Where a domain's time comes from: the host's clocks, or a test's hand.</summary>
public interface IClock
{
    /// <summary>The host's monotonic clock; never goes backwards.</summary>
    Nanoseconds Now { get; }

    /// <summary>Nanoseconds since 1970-01-01 00:00:00 UTC.</summary>
    Nanoseconds UnixTime { get; }

    /// <summary>Makes something a thread can wait on until a point of <see cref="Now"/>.</summary>
    IAlarm CreateAlarm();
}
