using System.Numerics;
using Hospes.Host.Api;
using Hospes.Host.Devices;
using Hospes.Host.Machine;
using Hospes.Host.Scheduling;
using Hospes.Host.Security;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>Domains as API clients see them; dom0, which is the host itself, among them.</summary>
internal sealed class DomainListing(DomainTable table, SchedulerService scheduler, MemoryLedger ledger, MachineInformation machine, Domain0Cpus cpus)
{
    /// <summary>Every domain that runs or is kept, dom0 first.</summary>
    public IReadOnlyList<DomainInfo> All()
    {
        IReadOnlyDictionary<DomainId, IReadOnlyList<VcpuStatus>> vcpus = scheduler.QueryAll();
        return [Domain0(), .. table.Listed.Select(domain => Describe(domain, vcpus.GetValueOrDefault(domain.Id, [])))];
    }

    /// <summary>One domain.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public DomainInfo Find(string reference)
    {
        try
        {
            return Describe(table.Find(reference));
        }
        catch (XendException) when (DomainTable.IsDomain0(reference))
        {
            return Domain0();
        }
    }

    /// <summary>A domain's vCPUs.</summary>
    /// <exception cref="XendException">There is no such domain.</exception>
    public IReadOnlyList<VcpuInfo> Vcpus(string reference)
    {
        ManagedDomain domain;
        try
        {
            domain = table.Find(reference);
        }
        catch (XendException) when (DomainTable.IsDomain0(reference))
        {
            int[] used = [.. Enumerable.Range(0, cpus.Count)];
            double each = Environment.CpuUsage.TotalTime.TotalSeconds / used.Length;
            return
            [
                .. used.Select(number => new VcpuInfo(number, true, false, number == 0, each, number, used)),
                .. Enumerable.Range(cpus.Count, cpus.Topology.HostCpus.Count - cpus.Count).Select(number => new VcpuInfo(number, false, false, false, 0, null, used)),
            ];
        }

        PcpuSet anywhere = PcpuSet.FirstOf(scheduler.Pcpus);
        return [.. scheduler.Query(domain.Id).Select(vcpu => new VcpuInfo(
            vcpu.Vcpu.Value,
            vcpu.IsOnline,
            vcpu.Activity == VcpuActivity.Blocked,
            vcpu.Activity == VcpuActivity.Running,
            Seconds(vcpu.CpuTime.Value),
            vcpu.LastPcpu.Value,
            [.. (vcpu.Affinity & anywhere).Members().Select(static pcpu => pcpu.Value)]))];
    }

    /// <summary>One domain that is not dom0.</summary>
    public DomainInfo Describe(ManagedDomain domain) => Describe(domain, scheduler.Query(domain.Id));

    private static DomainInfo Describe(ManagedDomain domain, IReadOnlyList<VcpuStatus> vcpus)
    {
        DeviceTotals traffic = domain.Traffic;
        return new()
        {
            Domid = domain.Id.Value,
            Name = domain.Name,
            Uuid = domain.Uuid.ToString(),
            MemoryMiB = domain.MemoryTargetKiB / 1024,
            MaximumMemoryMiB = domain.MemoryMaximumKiB / 1024,
            Vcpus = domain.Configuration.Vcpus,
            OnlineVcpus = domain.IsLive ? vcpus.Count(static vcpu => vcpu.IsOnline) : BitOperations.PopCount(domain.Configuration.VcpusAvailable),
            State = State(domain, vcpus),
            CpuTime = Seconds(Math.Max(domain.NotedCpuTime.Value, vcpus.Sum(static vcpu => vcpu.CpuTime.Value))),
            StartTime = domain.StartTime,
            RestartCount = domain.Restarts.Count,
            Nets = domain.Devices.Count(static device => device.Address.Class == DeviceTotals.NetClass),
            NetSentBytes = traffic.NetSentBytes,
            NetReceivedBytes = traffic.NetReceivedBytes,
            Vbds = domain.Devices.Count(static device => device.Address.Class == DeviceTotals.DiskClass),
            VbdOutOfRequests = traffic.VbdOutOfRequests,
            VbdReads = traffic.VbdReads,
            VbdWrites = traffic.VbdWrites,
            Kind = "pvh",
            Label = SecurityForm.Label(domain.Configuration)?.Name,
            OnPoweroff = domain.Configuration.OnPoweroff.Word(),
            OnReboot = domain.Configuration.OnReboot.Word(),
            OnCrash = domain.Configuration.OnCrash.Word(),
        };
    }

    /// <summary>The six characters of <c>xm list</c>, <c>rbpscd</c>.</summary>
    private static string State(ManagedDomain domain, IReadOnlyList<VcpuStatus> vcpus)
    {
        bool running = domain.IsLive && vcpus.Any(static vcpu => vcpu.Activity == VcpuActivity.Running);

        // One that waits for a pCPU is neither running nor blocked: as in Xen no letter says so.
        bool blocked = domain.IsLive && !domain.IsPaused && !vcpus.Any(static vcpu => vcpu.Activity is VcpuActivity.Running or VcpuActivity.Runnable);
        return new string(
        [
            running ? 'r' : '-',
            blocked ? 'b' : '-',
            domain.IsLive && domain.IsPaused ? 'p' : '-',
            domain.Phase == DomainPhase.ShutDown ? 's' : '-',
            domain.Phase == DomainPhase.Crashed ? 'c' : '-',
            domain.Phase == DomainPhase.Dying ? 'd' : '-',
        ]);
    }

    private DomainInfo Domain0()
    {
        long memory = ledger.TotalKiB / 1024;
        return new DomainInfo
        {
            Domid = 0,
            Name = DomainTable.Domain0Name,
            Uuid = Guid.Empty.ToString(),
            MemoryMiB = memory,
            MaximumMemoryMiB = memory,
            Vcpus = MachineInformation.Cpus,
            OnlineVcpus = cpus.Count,
            State = "r-----",
            CpuTime = Environment.CpuUsage.TotalTime.TotalSeconds,
            StartTime = machine.BootTime,
            Kind = "dom0",
        };
    }

    private static double Seconds(long nanoseconds) => Math.Round(nanoseconds / 1e9, 6);
}
