namespace Hospes.Sdk.Schedulers;

/// <summary>
/// Decides which vCPU runs on which pCPU. Pure policy: no threads, no locks, no clock of its own; every call brings the time, and calls never
/// overlap. Time never goes backwards between calls. A vCPU is runnable from <see cref="Wake"/> until <see cref="Block"/> or <see cref="Remove"/>.
/// </summary>
/// <remarks>
/// <para>Optional abilities are further interfaces on the same class: <see cref="IAffineScheduler"/>, <see cref="ITimedScheduler"/>,
/// <see cref="ITunableScheduler"/>, <see cref="ITopologyScheduler"/>,
    /// <see cref="ITitledScheduler"/>. Plugins.TestKit has a simulator and a conformance suite for all of them.</para>
/// <para>A call that throws, takes long (tens of milliseconds) or answers what it must not ends the plugin's reign: a plain round robin takes over.</para>
/// </remarks>
public interface IScheduler
{
    /// <summary>Called once before anything else: the pCPUs there are, numbered 0 to <paramref name="pcpuCount"/> - 1.</summary>
    void Start(int pcpuCount, Nanoseconds now);

    /// <summary>A vCPU exists now, not yet runnable.</summary>
    void Add(VcpuKey vcpu, Nanoseconds now);

    /// <summary>A vCPU is gone, whatever it was doing. Every idle pCPU is asked afterwards.</summary>
    void Remove(VcpuKey vcpu, Nanoseconds now);

    /// <summary>A vCPU has become runnable. Answers the pCPU to ask again at once (preemption or an idle one), or null.</summary>
    PcpuId? Wake(VcpuKey vcpu, Nanoseconds now);

    /// <summary>A vCPU has nothing to do or is paused.</summary>
    void Block(VcpuKey vcpu, Nanoseconds now);

    /// <summary>Who runs on <paramref name="pcpu"/> from now on? Never a vCPU that runs on another pCPU at this moment.</summary>
    SchedulingDecision Next(PcpuId pcpu, Nanoseconds now);

    /// <summary>A vCPU has run this long on <paramref name="pcpu"/>; called before the <see cref="Next"/> that ends its turn, and in between.</summary>
    void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now);
}
