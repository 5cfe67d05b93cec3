using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>What the control word says to one instruction, and what the instruction has to tell the status word.</summary>
internal struct FpuEnvironment(ushort control)
{
    internal readonly ushort Control = control;

    /// <summary>Exceptions met so far, as <see cref="FloatFlags"/>, and <see cref="FpuWords.StackFault"/>.</summary>
    internal uint Raised;

    /// <summary>The result was rounded away from zero, or the stack fault was an overflow: C1.</summary>
    internal bool RoundedUp;

    /// <summary><see cref="RoundedUp"/> is what C1 was before and stays whatever is raised.</summary>
    internal bool KeepsRoundedUp;

    internal readonly Rounding Rounding => (Rounding)((Control >> 10) & 3);

    /// <summary>Significant bits of results of FADD, FSUB, FMUL, FDIV and FSQRT. The reserved coding acts as the full 64.</summary>
    internal readonly int Precision => ((Control >> 8) & 3) switch
    {
        0 => 24,
        2 => 53,
        _ => 64,
    };

    internal readonly bool UnderflowMasked => (Control & FloatFlags.Underflow) != 0;

    internal readonly bool OverflowMasked => (Control & FloatFlags.Overflow) != 0;

    internal void Raise(uint flags) => Raised |= flags;

    /// <summary>Invalid operation: the masked result.</summary>
    internal Extended Invalid()
    {
        Raise(FloatFlags.Invalid);
        return Extended.Indefinite;
    }

    /// <summary>An empty register was to be read.</summary>
    internal Extended StackUnderflow()
    {
        Raise(FloatFlags.Invalid | FpuWords.StackFault);
        return Extended.Indefinite;
    }

    /// <summary>A full register was to be pushed on.</summary>
    internal Extended StackOverflow()
    {
        Raise(FloatFlags.Invalid | FpuWords.StackFault);
        RoundedUp = true;
        return Extended.Indefinite;
    }

    internal void RaiseDenormal(in FpuOperand a)
    {
        if (a.Number.Denormal)
            Raise(FloatFlags.Denormal);
    }

    /// <summary>The same rules for a store to binary32 or binary64.</summary>
    internal readonly FloatEnvironment ForStore() => new(((Control & FloatFlags.All) << 7) | ((uint)Rounding << 13));
}
