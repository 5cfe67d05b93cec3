using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Sedf;

/// <summary>A vCPU's present period, and its standing in the sharing of extra time.</summary>
internal sealed class SedfVcpu(VcpuKey key, SedfDomain domain)
{
    /// <summary>Score of one who uses the whole pCPU by its slices; others' are higher by how much less they use.</summary>
    private const int ScoreShift = 10;

    // Full utilisation counts as an extra weight of 128 (fact sheet, 3.6).
    private const long ScoreOfExtraWeight = 1 << 17;

    internal VcpuKey Key { get; } = key;

    internal SedfDomain Domain { get; } = domain;

    internal PcpuSet Affinity { get; set; } = PcpuSet.All;

    internal SedfPcpu? Pcpu { get; set; }

    internal Nanoseconds Period { get; set; } = SedfParameters.WeightPeriod;

    /// <summary>Guaranteed in each period; 0: best effort.</summary>
    internal Nanoseconds Slice { get; set; }

    /// <summary>End of the present period; 0: has never been awake.</summary>
    internal Nanoseconds Deadline { get; set; }

    internal Nanoseconds Begin => Deadline - Period;

    /// <summary>Used of the slice in this period.</summary>
    internal Nanoseconds Used { get; set; }

    internal Nanoseconds Left => Slice - Used;

    internal bool IsRunnable { get; set; }

    internal SedfRun Run { get; set; }

    /// <summary>Extra time had so far, weighted: who has the least goes next.</summary>
    internal long Score { get; set; }

    /// <summary>Rank among those who are owed amends; 0: is owed none.</summary>
    internal long PenaltyScore { get; set; }

    /// <summary>Runnable without a break since its present period began.</summary>
    internal bool WantedAllPeriod { get; set; }

    /// <summary>Periods that ended without the whole slice though it wanted it.</summary>
    internal long Misses { get; set; }

    internal bool HasSlice => Slice > default(Nanoseconds);

    internal bool TakesExtra => Domain.Parameters.TakesExtra;

    /// <summary>What a full quantum of extra time adds to the score.</summary>
    internal long ScoreStep => Domain.Parameters.IsExtraByWeight || !HasSlice
        ? ScoreOfExtraWeight / Math.Max(1, Domain.Parameters.Weight)
        : (Period.Value << ScoreShift) / Slice.Value;

    internal void BeOwed(Nanoseconds lost) => PenaltyScore = Math.Max(1, (Period.Value << ScoreShift) / lost.Value);
}
