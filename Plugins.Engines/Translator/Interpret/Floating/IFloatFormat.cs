namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>One of IEEE 754's interchange formats, as a type argument: its shape, and the host's own arithmetic on it.</summary>
internal interface IFloatFormat
{
    /// <summary>Stored bits of the significand.</summary>
    static abstract int FractionBits { get; }

    static abstract int ExponentBits { get; }

    /// <summary>
    /// a + b when the host's own addition is all there is to it: no denormal, NaN or infinity among operands and result, nothing near the ends of the
    /// range. <paramref name="inexact"/> tells whether it was rounded; it is worked out only if asked for by being false on entry.
    /// </summary>
    static abstract bool TryAdd(ulong a, ulong b, ref bool inexact, out ulong result);

    /// <summary>a - b likewise.</summary>
    static abstract bool TrySubtract(ulong a, ulong b, ref bool inexact, out ulong result);

    /// <summary>a * b likewise.</summary>
    static abstract bool TryMultiply(ulong a, ulong b, ref bool inexact, out ulong result);

    /// <summary>a / b likewise.</summary>
    static abstract bool TryDivide(ulong a, ulong b, ref bool inexact, out ulong result);

    /// <summary>The square root likewise.</summary>
    static abstract bool TrySquareRoot(ulong a, ref bool inexact, out ulong result);

    /// <summary>Order of two operands neither of which is NaN or denormal: negative, zero, positive.</summary>
    static abstract int CompareOrdered(ulong a, ulong b);
}
