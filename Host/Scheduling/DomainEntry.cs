using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>A domain whose vCPUs are scheduled.</summary>
internal sealed class DomainEntry(DomainId id, LeasePage page, VcpuEntry[] vcpus, DomainTuning tuning)
{
    internal DomainId Id { get; } = id;

    internal LeasePage Page { get; } = page;

    internal VcpuEntry[] Vcpus { get; } = vcpus;

    /// <summary>What was said about its share.</summary>
    internal DomainTuning Tuning { get; set; } = tuning;

    internal bool Paused { get; set; }

    /// <summary>The process that its vCPUs' threads belong to; 0: not known, none is hurried.</summary>
    internal int Process { get; init; }

    /// <summary>Who waits for the domain to stand still.</summary>
    internal List<TaskCompletionSource> Waiters { get; } = [];

    /// <summary>No vCPU holds a lease, granted by us or by anybody.</summary>
    internal bool IsStill => Vcpus.All(vcpu => !vcpu.Lease.State.HoldsPcpu);
}
