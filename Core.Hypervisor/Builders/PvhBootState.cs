using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Builders;

/// <summary>A domain that is built: what its first vCPU starts with and where the pages are that it shares with the hypervisor.</summary>
public sealed record PvhBootState
{
    /// <summary>vCPU 0 at the kernel's entry (fact sheet "Guest ABI", section 1.2).</summary>
    public required CpuState CpuState { get; init; }

    /// <summary>Where the guest sees the xenstore ring (HVM parameter 1).</summary>
    public required GuestFrame StoreFrame { get; init; }

    /// <summary>The xenstore ring itself.</summary>
    public required HostFrame StoreHostFrame { get; init; }

    /// <summary>Where the guest sees the console ring (HVM parameter 17).</summary>
    public required GuestFrame ConsoleFrame { get; init; }

    /// <summary>The console ring itself.</summary>
    public required HostFrame ConsoleHostFrame { get; init; }

    /// <summary>What the guest's address space holds; also what XENMEM_memory_map answers.</summary>
    public required IReadOnlyList<MemoryMapEntry> MemoryMap { get; init; }

    /// <summary>Where hvm_start_info is.</summary>
    public required GuestPhysical StartInfo { get; init; }

    /// <summary>Where the ramdisk is; null when there is none.</summary>
    public required GuestPhysical? Ramdisk { get; init; }

    /// <summary>What the kernel was, for a log.</summary>
    public required string KernelDescription { get; init; }
}
