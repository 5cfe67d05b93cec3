using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>One vCPU at one moment.</summary>
/// <param name="Vcpu">Its number.</param>
/// <param name="Activity">What it is doing.</param>
/// <param name="Pcpu">Where it runs or ran last; null: it has not run yet under a lease of ours.</param>
/// <param name="IsOnline">Started by the guest and not taken down.</param>
/// <param name="CpuTime">CPU time used so far.</param>
internal sealed record VcpuStatus(VcpuId Vcpu, VcpuActivity Activity, PcpuId? Pcpu, bool IsOnline, Nanoseconds CpuTime)
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
        return new VcpuStatus(vcpu.Key.Vcpu, activity, vcpu.Slot?.Id ?? vcpu.Lease.Home, vcpu.Lease.IsOnline, vcpu.Lease.CpuTime(now));
    }
}
