namespace Hospes.Sdk.Schedulers;

/// <summary>
/// An optional ability of an <see cref="IScheduler"/>: domains have parameters (<c>xm sched-credit</c>, <c>xm sched-sedf</c>, <c>cpu_weight</c>). Called
/// like the scheduler itself: never two calls at once. A domain is known from the first of its vCPUs that is added to the last that is removed.
/// </summary>
public interface ITunableScheduler
{
    /// <summary>What can be set for a domain. Always the same; any thread.</summary>
    IReadOnlyList<SchedulerParameter> Parameters { get; }

    /// <summary>The parameters of a domain as they are now, every one of <see cref="Parameters"/> by its name.</summary>
    IReadOnlyDictionary<string, long> Read(DomainId domain);

    /// <summary>Sets some of a domain's parameters, and leaves the others.</summary>
    /// <exception cref="SchedulerParameterException">A value, or what comes of all together, is refused; nothing has changed.</exception>
    void Write(DomainId domain, IReadOnlyDictionary<string, long> values, Nanoseconds now);
}
