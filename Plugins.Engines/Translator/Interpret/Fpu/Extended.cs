namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>An x87 register's encoding: sign and 15 bits of exponent, and a significand with an explicit integer bit (SDM volume 1, section 4.2.2).</summary>
internal readonly record struct Extended(ushort SignExponent, ulong Significand)
{
    internal const int Bias = 16383;
    internal const int MaximumExponent = 0x7fff;
    internal const ulong IntegerBit = 1UL << 63;
    internal const ulong QuietBit = 1UL << 62;

    /// <summary>"QNaN floating-point indefinite", what a masked invalid operation gives.</summary>
    internal static Extended Indefinite => new(0xffff, IntegerBit | QuietBit);

    internal static Extended One => new(Bias, IntegerBit);

    internal bool Negative => (SignExponent & 0x8000) != 0;

    internal static Extended Zero(bool negative) => new((ushort)(negative ? 0x8000 : 0), 0);

    internal static Extended Infinity(bool negative) => new((ushort)(negative ? 0xffff : 0x7fff), IntegerBit);
}
