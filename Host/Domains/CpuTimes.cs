using Hospes.Host.Scheduling;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>CPU time of whole domains.</summary>
internal static class CpuTimes
{
    /// <summary>What a domain's vCPUs have used so far; nothing when it is not scheduled.</summary>
    public static Nanoseconds CpuTime(this SchedulerService scheduler, DomainId domain) =>
        new(scheduler.Query(domain).Sum(static vcpu => vcpu.CpuTime.Value));
}
