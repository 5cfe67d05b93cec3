using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Builders;

/// <summary>What the domain builder leaves for the machine: the first vCPU's state and the pages shared with the store and the console.</summary>
public sealed record PvhBootState
{
    /// <summary>Registers of vCPU 0 at the kernel's entry.</summary>
    public required CpuState Cpu { get; init; }

    /// <summary>Where the guest sees its xenstore ring (HVM_PARAM_STORE_PFN).</summary>
    public required GuestFrame StoreFrame { get; init; }

    /// <summary>Where the guest sees its console ring (HVM_PARAM_CONSOLE_PFN).</summary>
    public required GuestFrame ConsoleFrame { get; init; }

    /// <summary>The xenstore ring's page.</summary>
    public required HostFrame StorePage { get; init; }

    /// <summary>The console ring's page.</summary>
    public required HostFrame ConsolePage { get; init; }
}
