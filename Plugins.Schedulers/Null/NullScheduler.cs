using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Null;

/// <summary>
/// No scheduling: a vCPU gets a pCPU of its own for as long as it exists, and runs there whenever it wants; the others wait until one becomes free
/// (fact sheet "CPU schedulers", section 4). For pCPUs that are as many as vCPUs.
/// </summary>
[Scheduler("null")]
public sealed class NullScheduler : IScheduler, IAffineScheduler
{
    private readonly Dictionary<VcpuKey, PcpuSet> _affinity = [];
    private readonly HashSet<VcpuKey> _runnable = [];
    private readonly List<VcpuKey> _homeless = [];
    private VcpuKey?[] _owners = [];

    /// <inheritdoc/>
    public void Start(int pcpuCount, Nanoseconds now) => _owners = new VcpuKey?[pcpuCount];

    /// <inheritdoc/>
    public void Add(VcpuKey vcpu, Nanoseconds now)
    {
        _affinity.Add(vcpu, PcpuSet.All);
        FindHome(vcpu);
    }

    /// <inheritdoc/>
    public void Remove(VcpuKey vcpu, Nanoseconds now)
    {
        Leave(vcpu);
        _affinity.Remove(vcpu);
        _runnable.Remove(vcpu);
    }

    /// <inheritdoc/>
    public void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now)
    {
        _affinity[vcpu] = allowed;
        int home = Array.IndexOf(_owners, vcpu);
        if (home >= 0 && allowed.Contains(new PcpuId(home)))
            return;
        Leave(vcpu);
        FindHome(vcpu);
    }

    /// <inheritdoc/>
    public PcpuId? Wake(VcpuKey vcpu, Nanoseconds now)
    {
        _runnable.Add(vcpu);
        int home = Array.IndexOf(_owners, vcpu);
        return home < 0 ? null : new PcpuId(home);
    }

    /// <inheritdoc/>
    public void Block(VcpuKey vcpu, Nanoseconds now) => _runnable.Remove(vcpu);

    /// <inheritdoc/>
    public SchedulingDecision Next(PcpuId pcpu, Nanoseconds now) =>
        new(_owners[pcpu.Value] is { } owner && _runnable.Contains(owner) ? owner : null, Nanoseconds.Never);

    /// <summary>There is nothing to account for.</summary>
    public void Charge(VcpuKey vcpu, PcpuId pcpu, Nanoseconds ran, Nanoseconds now)
    {
    }

    private void FindHome(VcpuKey vcpu)
    {
        for (int pcpu = 0; pcpu < _owners.Length; pcpu++)
        {
            if (_owners[pcpu] is not null || !_affinity[vcpu].Contains(new PcpuId(pcpu)))
                continue;
            _owners[pcpu] = vcpu;
            return;
        }
        _homeless.Add(vcpu);
    }

    // Its pCPU goes to the one that has waited longest of those that may have it. Whoever left the pCPU, it is asked next.
    private void Leave(VcpuKey vcpu)
    {
        _homeless.Remove(vcpu);
        int home = Array.IndexOf(_owners, vcpu);
        if (home < 0)
            return;
        int heir = _homeless.FindIndex(waiting => _affinity[waiting].Contains(new PcpuId(home)));
        _owners[home] = heir < 0 ? null : _homeless[heir];
        if (heir >= 0)
            _homeless.RemoveAt(heir);
    }
}
