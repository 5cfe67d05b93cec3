using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>One vCPU at one moment.</summary>
/// <param name="Vcpu">Its number.</param>
/// <param name="Activity">What it is doing.</param>
/// <param name="Pcpu">Where, while it runs under a lease of ours; else null.</param>
/// <param name="LastPcpu">Where it runs or has run last.</param>
/// <param name="Affinity">Where it may run.</param>
/// <param name="IsOnline">Started by the guest and not taken down.</param>
/// <param name="CpuTime">CPU time used so far.</param>
internal sealed record VcpuStatus(VcpuId Vcpu, VcpuActivity Activity, PcpuId? Pcpu, PcpuId LastPcpu, PcpuSet Affinity, bool IsOnline, Nanoseconds CpuTime)
{
    internal static VcpuStatus Of(VcpuEntry vcpu, Nanoseconds now)
    {
        VcpuActivity activity = vcpu.Lease.State.Phase switch
        {
            LeasePhase.Running => VcpuActivity.Running,
            LeasePhase.Runnable => VcpuActivity.Runnable,
            // To sleep in place is to be blocked; that the pCPU is kept is nobody's business.
            LeasePhase.Asleep or LeasePhase.Blocked => VcpuActivity.Blocked,
            _ => VcpuActivity.Offline,
        };
        PcpuId? pcpu = activity == VcpuActivity.Running ? vcpu.Slot?.Id : null;
        return new VcpuStatus(vcpu.Key.Vcpu, activity, pcpu, vcpu.LastPcpu, vcpu.Affinity, vcpu.Lease.IsOnline, vcpu.Lease.CpuTime(now));
    }
}
