using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>The Host's own record of one vCPU; what its lease line says is compared with it, never taken instead of it.</summary>
internal sealed class VcpuEntry(VcpuKey key, HostLease lease)
{
    internal VcpuKey Key { get; } = key;

    internal HostLease Lease { get; } = lease;

    internal Standing Standing { get; set; }

    /// <summary>Where it may run; holds only while a scheduler is in charge that knows of it.</summary>
    internal PcpuSet Affinity { get; set; } = PcpuSet.All;

    /// <summary>Where it runs or has run last.</summary>
    internal PcpuId LastPcpu { get; set; }

    /// <summary>Where it runs; not null exactly while <see cref="Standing"/> is running.</summary>
    internal PcpuSlot? Slot { get; set; }

    /// <summary>The lease's CPU time when the scheduler was last told of it, and when that was.</summary>
    internal Nanoseconds Charged { get; set; }

    internal Nanoseconds ChargedAt { get; set; }
}
