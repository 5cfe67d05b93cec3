using Hospes.Sdk;

namespace Hospes.Schedulers.Sedf;

/// <summary>
/// A pCPU and its vCPUs. The queues of the fact sheet (3.3) are views of one list: run queue, those whose period has begun, by deadline; wait queue,
/// those whose period begins later; penalty and utilisation queues, those who take extra time. A pCPU has few vCPUs, and there is no order to keep.
/// </summary>
internal sealed class SedfPcpu(PcpuId id)
{
    internal PcpuId Id { get; } = id;

    internal List<SedfVcpu> Vcpus { get; } = [];

    internal SedfVcpu? Current { get; set; }

    internal Nanoseconds TurnEnds { get; set; }

    internal bool IsCalled { get; set; }

    /// <summary>Of those with time left in a period that has begun, the one whose deadline is next.</summary>
    internal SedfVcpu? EarliestDeadline(Nanoseconds now) =>
        Least(vcpu => vcpu is { IsRunnable: true, HasSlice: true } && vcpu.Begin <= now && vcpu.Left > default(Nanoseconds), static vcpu => vcpu.Deadline.Value);

    /// <summary>When the next period of a vCPU begins that has a slice in it.</summary>
    internal Nanoseconds NextBegin(Nanoseconds now)
    {
        SedfVcpu? next = Least(vcpu => vcpu is { IsRunnable: true, HasSlice: true } && vcpu.Begin > now, static vcpu => vcpu.Begin.Value);
        return next?.Begin ?? Nanoseconds.Never;
    }

    internal SedfVcpu? MostOwed() => Least(static vcpu => vcpu is { IsRunnable: true, PenaltyScore: > 0 }, static vcpu => vcpu.PenaltyScore);

    internal SedfVcpu? LeastExtra() => Least(static vcpu => vcpu is { IsRunnable: true, TakesExtra: true }, static vcpu => vcpu.Score);

    internal int Extras => Vcpus.Count(static vcpu => vcpu is { IsRunnable: true, TakesExtra: true });

    private SedfVcpu? Least(Func<SedfVcpu, bool> of, Func<SedfVcpu, long> by)
    {
        SedfVcpu? least = null;
        foreach (SedfVcpu vcpu in Vcpus)
        {
            if (of(vcpu) && (least is null || by(vcpu) < by(least)))
                least = vcpu;
        }
        return least;
    }
}
