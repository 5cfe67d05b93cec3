namespace Hospes.Hypervisor.Leases;

/// <summary>The state word of a lease: a phase and flags that change together, in one atomic step.</summary>
/// <param name="Word">As it lies in memory: the phase in bits 0-7, <see cref="LeaseFlags"/> above.</param>
public readonly record struct LeaseState(uint Word)
{
    private const uint PhaseMask = 0xff;

    /// <summary>Where the vCPU stands. A word that a broken domain process wrote may hold a value that the enumeration has no name for.</summary>
    public LeasePhase Phase => (LeasePhase)(Word & PhaseMask);

    /// <summary>True when any of <paramref name="flags"/> is set.</summary>
    public bool Has(LeaseFlags flags) => (Word & (uint)flags) != 0;

    /// <summary>True when the vCPU may have the pCPU it asks for.</summary>
    public bool MayRun => !Has(LeaseFlags.Paused | LeaseFlags.Ending);

    /// <summary>True when a lease is held.</summary>
    public bool HoldsPcpu => Phase is LeasePhase.Running or LeasePhase.Asleep;

    /// <summary>The same flags in another phase.</summary>
    public LeaseState To(LeasePhase phase) => new((Word & ~PhaseMask) | (uint)phase);

    /// <summary>With these flags set.</summary>
    public LeaseState With(LeaseFlags flags) => new(Word | (uint)flags);

    /// <summary>With these flags cleared.</summary>
    public LeaseState Without(LeaseFlags flags) => new(Word & ~(uint)flags);

    /// <summary>Phase and flags in words.</summary>
    public override string ToString() => $"{Phase}{((Word & ~PhaseMask) == 0 ? "" : $" ({(LeaseFlags)(Word & ~PhaseMask)})")}";
}
