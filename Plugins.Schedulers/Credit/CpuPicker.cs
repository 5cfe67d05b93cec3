using Hospes.Sdk;

namespace Hospes.Schedulers.Credit;

/// <summary>Chooses pCPUs for vCPUs: spread over sockets first, then cores, then threads of a core (fact sheet "CPU schedulers", 2.5).</summary>
internal static class CpuPicker
{
    /// <summary>
    /// The best pCPU for a vCPU: the present one if it is allowed, unless an idle one has more idle company. One that the vCPU itself
    /// keeps busy counts as idle, since it will be when the vCPU leaves.
    /// </summary>
    internal static CreditPcpu Pick(CreditVcpu vcpu, CreditPcpu[] pcpus)
    {
        CreditPcpu best = vcpu.Affinity.Contains(vcpu.Pcpu.Id) ? vcpu.Pcpu : NextAllowed(vcpu, pcpus);
        PcpuSet idle = default;
        foreach (CreditPcpu pcpu in pcpus)
        {
            if (pcpu.IsIdle || (pcpu.Current == vcpu && pcpu.Queue.Count == 0))
                idle = idle.With(pcpu.Id);
        }
        foreach (CreditPcpu candidate in pcpus)
        {
            if (candidate != best && idle.Contains(candidate.Id) && vcpu.Affinity.Contains(candidate.Id)
                && (!idle.Contains(best.Id) || Company(candidate, pcpus, idle) > Company(best, pcpus, idle)))
                best = candidate;
        }
        return best;
    }

    // Idle pCPUs of the same socket weigh more than those of the same core: sockets fill evenly before cores do.
    private static int Company(CreditPcpu of, CreditPcpu[] pcpus, PcpuSet idle)
    {
        int socket = 0;
        int core = 0;
        foreach (CreditPcpu other in pcpus)
        {
            if (!idle.Contains(other.Id) || other.Place.Socket != of.Place.Socket)
                continue;
            socket++;
            if (other.Place.Core == of.Place.Core)
                core++;
        }
        return socket * PcpuSet.Capacity + core;
    }

    private static CreditPcpu NextAllowed(CreditVcpu vcpu, CreditPcpu[] pcpus)
    {
        for (int step = 1; step <= pcpus.Length; step++)
        {
            CreditPcpu pcpu = pcpus[(vcpu.Pcpu.Id.Value + step) % pcpus.Length];
            if (vcpu.Affinity.Contains(pcpu.Id))
                return pcpu;
        }
        return vcpu.Pcpu;
    }
}
