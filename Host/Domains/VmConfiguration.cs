using Hospes.Host.Scheduling;
using Hospes.Sxp;

namespace Hospes.Host.Domains;

/// <summary>
/// A domain's configuration as xend understands it: the <c>(vm ...)</c> form, read and checked (fact sheet "Domain configuration", sections 3 and 5).
/// </summary>
internal sealed record VmConfiguration
{
    /// <summary>Unique among domains.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity over its whole life, reboots included.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Memory at the start, MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Memory it may ever have, MiB.</summary>
    public required int MaximumMemoryMiB { get; init; }

    /// <summary>vCPUs at most.</summary>
    public required int Vcpus { get; init; }

    /// <summary>vCPUs online at the start, a bit for each.</summary>
    public required ulong VcpusAvailable { get; init; }

    /// <summary>Its share of the CPUs, and which.</summary>
    public DomainTuning Tuning { get; init; } = DomainTuning.Default;

    /// <summary>The pCPUs that its vCPUs are kept to from the start, as written; null: everywhere.</summary>
    public string? Cpus { get; init; }

    /// <summary>When the guest powers off.</summary>
    public required LifecycleAction OnPoweroff { get; init; }

    /// <summary>When the guest reboots.</summary>
    public required LifecycleAction OnReboot { get; init; }

    /// <summary>When the guest, or its process, crashes.</summary>
    public required LifecycleAction OnCrash { get; init; }

    /// <summary>ignore or start.</summary>
    public required string OnXendStart { get; init; }

    /// <summary>ignore, shutdown or suspend.</summary>
    public required string OnXendStop { get; init; }

    /// <summary>What finds the kernel on the boot disk: pygrub; null: the kernel is named.</summary>
    public string? BootLoader { get; init; }

    /// <summary>Its arguments.</summary>
    public string BootLoaderArguments { get; init; } = "";

    /// <summary>Path of the kernel; empty with a boot loader.</summary>
    public required string Kernel { get; init; }

    /// <summary>Path of the initial ramdisk, or null.</summary>
    public string? Ramdisk { get; init; }

    /// <summary>The kernel's whole command line.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Name of the execution engine, or auto.</summary>
    public required string Engine { get; init; }

    /// <summary>Name of the console back-end; null: the appliance's own choice.</summary>
    public string? Console { get; init; }

    /// <summary>The forms inside <c>(device ...)</c>, in order; consoles, of which each domain has one, are left out.</summary>
    public IReadOnlyList<SxpList> Devices { get; init; } = [];

    /// <summary>The guest's clock is to show this machine's local time.</summary>
    public bool IsLocalTime => Kept.Any(static form => form.Name == "localtime" && form.Count > 1 && form[1].Text is "1" or "true");

    /// <summary>What is kept as it came: it has no effect here, or is looked at where it has one, but belongs to the domain all the same, such as <c>(features ...)</c>.</summary>
    public IReadOnlyList<SxpList> Kept { get; init; } = [];

    /// <summary>The <c>(linux ...)</c> form, for listings and the store.</summary>
    public required SxpList Image { get; init; }
}
