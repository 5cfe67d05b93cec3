using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Credit;

/// <summary>A pCPU and who waits for it.</summary>
internal sealed class CreditPcpu(PcpuId id, PcpuPlace place)
{
    private readonly List<CreditVcpu> _queue = [];

    internal PcpuId Id { get; } = id;

    internal PcpuPlace Place { get; } = place;

    internal CreditVcpu? Current { get; set; }

    internal IReadOnlyList<CreditVcpu> Queue => _queue;

    internal CreditVcpu? Head => _queue.Count == 0 ? null : _queue[0];

    internal bool IsIdle => Current is null && _queue.Count == 0;

    /// <summary>Queues a vCPU after all of its own priority or a higher one.</summary>
    internal void Insert(CreditVcpu vcpu)
    {
        int at = _queue.Count;
        while (at > 0 && _queue[at - 1].Priority < vcpu.Priority)
            at--;
        _queue.Insert(at, vcpu);
        vcpu.Pcpu = this;
    }

    internal bool Remove(CreditVcpu vcpu) => _queue.Remove(vcpu);

    /// <summary>Brings the queue in order after priorities have changed; equals keep their places.</summary>
    internal void Sort()
    {
        CreditVcpu[] sorted = [.. _queue.OrderByDescending(static vcpu => vcpu.Priority)];
        _queue.Clear();
        _queue.AddRange(sorted);
    }
}
