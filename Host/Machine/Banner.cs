using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup;
using Hospes.Hypervisor.Cpu;

namespace Hospes.Host.Machine;

/// <summary>The hypervisor's first messages (order: fact sheet "Build and boot options", section 10), in our own words where that fits.</summary>
internal static class Banner
{
    /// <summary>Writes the messages.</summary>
    public static void Print(HypervisorRing ring, MachineInformation machine, MemoryLedger ledger, SchedulerService scheduler, BootOptions boot)
    {
        ring.Append($"""
              _   _
             | | | | ___  ___ _ __   ___  ___
             | |_| |/ _ \/ __| '_ \ / _ \/ __|
             |  _  | (_) \__ \ |_) |  __/\__ \
             |_| |_|\___/|___/ .__/ \___||___/
                             |_|
             Hospes, a hypervisor that speaks Xen

             Xen version {XenVersion.Full} ({XenIdentity.CompiledBy}@{XenIdentity.CompiledOn}) ({XenIdentity.Compiler}) {XenIdentity.CompiledAt}
             Latest ChangeSet: {XenVersion.Changeset}


            """);
        ring.Say($"Command line: {boot}");
        ring.Say($"System RAM: {ledger.TotalKiB / 1024}MB ({ledger.TotalKiB}kB)");
        foreach (string word in boot.Unknown)
            ring.Say($"Unknown boot option: {word}");
        if (boot.Scheduler is { } asked && !string.Equals(asked, scheduler.SchedulerName, StringComparison.Ordinal))
            ring.Say($"Could not find scheduler: {asked}");
        ring.Say($"Using scheduler: {scheduler.SchedulerTitle}");
        ring.Say($"Detected {machine.ProcessorMegahertz:0.000} MHz processor.");
        ring.Say($"Brought up {MachineInformation.Cpus} CPUs");
    }
}
