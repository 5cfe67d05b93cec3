namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>IEEE 754 exceptions plus x86's denormal operand, at their places in MXCSR and in the x87 status and control words.</summary>
internal static class FloatFlags
{
    internal const uint Invalid = 1 << 0;
    internal const uint Denormal = 1 << 1;
    internal const uint ZeroDivide = 1 << 2;
    internal const uint Overflow = 1 << 3;
    internal const uint Underflow = 1 << 4;
    internal const uint Inexact = 1 << 5;

    /// <summary>Those known before computing: when unmasked, nothing is computed and no flag of the result is set.</summary>
    internal const uint BeforeComputation = Invalid | Denormal | ZeroDivide;

    internal const uint All = 0x3f;
}
