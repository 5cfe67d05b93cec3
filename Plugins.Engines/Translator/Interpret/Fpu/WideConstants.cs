using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>Constants to 128 significant bits, rounded to nearest; 2/pi to 384 bits.</summary>
internal static class WideConstants
{
    internal static readonly Number One = new() { High = 1UL << 63 };

    internal static readonly Number Pi = new() { Exponent = 1, High = 0xc90f_daa2_2168_c234, Low = 0xc4c6_628b_80dc_1cd1 };

    internal static readonly Number HalfPi = Pi with { Exponent = 0 };

    internal static readonly Number LogOf2 = new() { Exponent = -1, High = 0xb172_17f7_d1cf_79ab, Low = 0xc9e3_b398_03f2_f6af };

    internal static readonly Number Log2OfE = new() { Exponent = 0, High = 0xb8aa_3b29_5c17_f0bb, Low = 0xbe87_fed0_691d_3e89 };

    internal static readonly Number Log2Of10 = new() { Exponent = 1, High = 0xd49a_784b_cd1b_8afe, Low = 0x492b_f6ff_4daf_db4d };

    internal static readonly Number Log10Of2 = new() { Exponent = -2, High = 0x9a20_9a84_fbcf_f798, Low = 0x8f89_59ac_0b7c_9178 };

    /// <summary>The fraction 2/pi, most significant 64 bits first.</summary>
    internal static ReadOnlySpan<ulong> TwoOverPi =>
    [
        0xa2f9_836e_4e44_1529, 0xfc27_57d1_f534_ddc0, 0xdb62_9599_3c43_9041, 0xfe51_63ab_debb_c561, 0xb724_6e3a_424d_d2e0, 0x0649_2eea_09d1_921c,
    ];
}
