namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>
/// A finite value other than zero, taken apart: (High:Low / 2^127) * 2^Exponent with bit 63 of <see cref="High"/> set. An operand has 64
/// significant bits at most (Low zero); a result has all of its bits, or stands for more by a set bit 0 of Low ("sticky"), so that it can be rounded
/// once, to any format of up to 64 bits, in any direction.
/// </summary>
internal struct Number
{
    internal bool Negative;
    internal int Exponent;
    internal ulong High;
    internal ulong Low;

    /// <summary>Came from an encoding without a leading one: the denormal-operand exception.</summary>
    internal bool Denormal;

    internal readonly UInt128 Significand => new(High, Low);
}
