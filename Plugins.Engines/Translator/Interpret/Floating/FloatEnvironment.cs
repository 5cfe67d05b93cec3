using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>What MXCSR says to one instruction, and the exceptions that the instruction met (Intel SDM volume 1, section 10.2.3).</summary>
internal struct FloatEnvironment(uint mxcsr)
{
    private const uint DenormalsAreZeroBit = 1 << 6;
    private const uint FlushToZeroBit = 1 << 15;
    private const int MaskShift = 7;
    private const int RoundingShift = 13;

    /// <summary>MXCSR before the instruction.</summary>
    internal readonly uint Mxcsr = mxcsr;

    /// <summary>Exceptions met so far, as <see cref="FloatFlags"/>.</summary>
    internal uint Raised;

    /// <summary>The last rounding was away from zero; x87's stores report that.</summary>
    internal bool RoundedUp;

    internal readonly Rounding Rounding => (Rounding)((Mxcsr >> RoundingShift) & 3);

    internal readonly bool DenormalsAreZero => (Mxcsr & DenormalsAreZeroBit) != 0;

    /// <summary>Flushing happens only while underflow is masked.</summary>
    internal readonly bool FlushToZero => (Mxcsr & FlushToZeroBit) != 0 && UnderflowMasked;

    internal readonly bool OverflowMasked => (Mxcsr & (FloatFlags.Overflow << MaskShift)) != 0;

    internal readonly bool UnderflowMasked => (Mxcsr & (FloatFlags.Underflow << MaskShift)) != 0;

    /// <summary>
    /// The host's own arithmetic, which rounds to nearest, may be used where operands and result are ordinary: DAZ and FTZ make no difference to those,
    /// and of the exceptions only inexact can happen, which is masked.
    /// </summary>
    internal readonly bool HostRounds
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Mxcsr & ((3u << RoundingShift) | (FloatFlags.Inexact << MaskShift))) == FloatFlags.Inexact << MaskShift;
    }

    /// <summary>The inexact flag is set already: whether this result is rounded need not be found out.</summary>
    internal readonly bool InexactIsKnown
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((Mxcsr | Raised) & FloatFlags.Inexact) != 0;
    }

    internal void Raise(uint flags) => Raised |= flags;

    /// <summary>Exceptions of a mask that MXCSR does not mask.</summary>
    internal static uint Unmasked(uint mxcsr, uint raised) => raised & ~(mxcsr >> MaskShift) & FloatFlags.All;
}
