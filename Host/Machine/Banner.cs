using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Hypervisor.Cpu;

namespace Hospes.Host.Machine;

/// <summary>The hypervisor's first messages (order: fact sheet "Build and boot options", section 10), in our own words where that fits.</summary>
internal static class Banner
{
    /// <summary>Writes the messages.</summary>
    public static void Print(HypervisorRing ring, MachineInformation machine, MemoryLedger ledger, SchedulerService scheduler)
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
        ring.Say("Command line: ");
        ring.Say($"System RAM: {ledger.TotalKiB / 1024}MB ({ledger.TotalKiB}kB)");
        ring.Say($"Using scheduler: {scheduler.SchedulerName}");
        ring.Say($"Detected {machine.ProcessorMegahertz:0.000} MHz processor.");
        ring.Say($"Brought up {MachineInformation.Cpus} CPUs");
    }
}
