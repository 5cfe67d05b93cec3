using System.Numerics;

namespace Hospes.Sdk;

/// <summary>A set of pCPUs, as Xen has it: a map of 64 bits.</summary>
/// <param name="Mask">Bit n: pCPU n is in the set.</param>
public readonly record struct PcpuSet(ulong Mask)
{
    /// <summary>Numbers of pCPUs are below this.</summary>
    public const int Capacity = 64;

    /// <summary>Every pCPU that there can be.</summary>
    public static readonly PcpuSet All = new(ulong.MaxValue);

    /// <summary>None.</summary>
    public static readonly PcpuSet Empty;

    /// <summary>True when there is nothing in it.</summary>
    public bool IsEmpty => Mask == 0;

    /// <summary>How many there are in it.</summary>
    public int Count => BitOperations.PopCount(Mask);

    /// <summary>The lowest number in it; only for a set that is not empty.</summary>
    public PcpuId First => new(BitOperations.TrailingZeroCount(Mask));

    /// <summary>The set of one.</summary>
    public static PcpuSet Of(PcpuId pcpu) => new(1UL << pcpu.Value);

    /// <summary>The pCPUs 0 to <paramref name="count"/> - 1.</summary>
    public static PcpuSet FirstOf(int count) => new(count >= Capacity ? ulong.MaxValue : (1UL << count) - 1);

    /// <summary>Whether a pCPU is in the set.</summary>
    public bool Contains(PcpuId pcpu) => (uint)pcpu.Value < Capacity && (Mask >> pcpu.Value & 1) != 0;

    /// <summary>The set with one more in it.</summary>
    public PcpuSet With(PcpuId pcpu) => new(Mask | 1UL << pcpu.Value);

    /// <summary>The set without one.</summary>
    public PcpuSet Without(PcpuId pcpu) => new(Mask & ~(1UL << pcpu.Value));

    /// <summary>What is in both.</summary>
    public static PcpuSet operator &(PcpuSet left, PcpuSet right) => new(left.Mask & right.Mask);

    /// <summary>What is in either.</summary>
    public static PcpuSet operator |(PcpuSet left, PcpuSet right) => new(left.Mask | right.Mask);

    /// <summary>The numbers in it, ascending.</summary>
    public IEnumerable<PcpuId> Members()
    {
        for (ulong left = Mask; left != 0; left &= left - 1)
            yield return new PcpuId(BitOperations.TrailingZeroCount(left));
    }

    /// <summary>As in <c>{0,1,3}</c>.</summary>
    public override string ToString() => this == All ? "{all}" : $"{{{string.Join(',', Members())}}}";
}
