using Hospes.Sdk;
using Hospes.Sdk.Composition;
using Hospes.Sdk.Schedulers;

[assembly: PluginContract(SdkContract.Version)]

namespace ThirdPartyPlugin;

/// <summary>Runs whoever woke last, as long as it likes. Unfair, and ten lines.</summary>
[Scheduler("latest-first")]
public sealed class LatestFirstScheduler : IScheduler
{
    private readonly List<VcpuKey> _runnable = [];
    private VcpuKey?[] _running = [];

    public void Start(int pcpuCount, Nanoseconds now) => _running = new VcpuKey?[pcpuCount];
    public void Add(VcpuKey vcpu, Nanoseconds now) { }
    public void Remove(VcpuKey vcpu, Nanoseconds now) => _runnable.Remove(vcpu);
    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now) { _runnable.Add(vcpu); return new PcpuId(0); }
    public void Block(VcpuKey vcpu, Nanoseconds now) => _runnable.Remove(vcpu);
    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now) => new(_running[pcpu.Value] = Latest(pcpu), Nanoseconds.FromMilliseconds(10));
    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now) { }

    private VcpuKey? Latest(PcpuId pcpu) =>
        _runnable.AsEnumerable().Reverse().Cast<VcpuKey?>().FirstOrDefault(vcpu => !_running.Where((_, other) => other != pcpu.Value).Contains(vcpu));
}
