using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Credit;

/// <summary>A vCPU's account.</summary>
internal sealed class CreditVcpu(VcpuKey key, CreditDomain domain, CreditPcpu pcpu)
{
    internal VcpuKey Key { get; } = key;

    internal CreditDomain Domain { get; } = domain;

    /// <summary>CPU time it may still use before it is over its share; negative when it is.</summary>
    internal Nanoseconds Credit { get; set; }

    internal Priority Priority { get; set; } = Priority.Under;

    internal PcpuSet Affinity { get; set; } = PcpuSet.All;

    /// <summary>Where it runs, waits, or last did.</summary>
    internal CreditPcpu Pcpu { get; set; } = pcpu;

    internal bool IsRunnable { get; set; }

    /// <summary>Its domain has used up its cap: it waits off the queues for the next accounting.</summary>
    internal bool IsParked { get; set; }

    /// <summary>Uses CPU time and gets credit for it; others neither get nor owe any.</summary>
    internal bool IsActive { get; set; }

    internal bool IsRunning => Pcpu.Current == this;
}
