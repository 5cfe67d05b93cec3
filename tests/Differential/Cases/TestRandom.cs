namespace Hospes.Differential.Cases;

/// <summary>A small generator (splitmix64): one 64-bit seed names a whole run.</summary>
internal sealed class TestRandom(ulong seed)
{
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, ulong.MaxValue, ulong.MaxValue - 1, 0xffff_ffff_8000_0000, 0xffff_ffff_ffff_ff80,
        0xffff_ffff_ffff_8000, 0x99, 0x9a, 0x0f0f_0f0f_0f0f_0f0f, 0x5555_5555_5555_5555,
    ];

    private static readonly float[] Singles =
    [
        0f, -0f, 1f, -1f, 0.5f, 1.5f, 2.5f, -2.5f, 3.4028235e38f, -3.4028235e38f, 1.17549435e-38f, 1e-45f, -1e-45f, float.PositiveInfinity,
        float.NegativeInfinity, 2147483648f, -2147483648f, 2147483520f, 9.223372e18f, 65504f, 16777216f, 0.1f,
    ];

    private static readonly double[] Doubles =
    [
        0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, double.MaxValue, double.MinValue, 2.2250738585072014e-308, double.Epsilon, -double.Epsilon,
        double.PositiveInfinity, double.NegativeInfinity, 2147483648, -2147483648.5, 2147483647.5, 9.2233720368547758e18, -9.2233720368547758e18,
        3.4028235677973366e38, 1e-40, 1e-320, 0.1, 4503599627370496.5,
    ];

    private ulong _state = seed;

    internal ulong Next()
    {
        ulong z = _state += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="below"/> - 1.</summary>
    internal int Next(int below) => (int)(Next() % (ulong)below);

    /// <summary><paramref name="from"/> to <paramref name="below"/> - 1.</summary>
    internal int Next(int from, int below) => from + Next(below - from);

    internal bool Chance(int percent) => Next(100) < percent;

    internal T Pick<T>(ReadOnlySpan<T> from) => from[Next(from.Length)];

    /// <summary>A number as tests want them: edges of all widths, small ones, near-edges, and noise.</summary>
    internal ulong Value() => Next(8) switch
    {
        0 or 1 => Pick<ulong>(Edges),
        2 => Pick<ulong>(Edges) + (ulong)(long)Next(-2, 3),
        3 => (ulong)Next(256),
        4 => (uint)Next(),
        _ => Next(),
    };

    /// <summary>Eight bytes of floating-point interest: two singles or a double, special, ordinary or noise.</summary>
    internal ulong FloatValue() => Next(6) switch
    {
        0 => BitConverter.SingleToUInt32Bits(Pick<float>(Singles)) | ((ulong)BitConverter.SingleToUInt32Bits(Pick<float>(Singles)) << 32),
        1 => BitConverter.DoubleToUInt64Bits(Pick<double>(Doubles)),
        2 => BitConverter.DoubleToUInt64Bits((Next(2_000_001) - 1_000_000) / 64.0),
        3 => BitConverter.SingleToUInt32Bits(Next(-5000, 5000) / 8f) | ((ulong)BitConverter.SingleToUInt32Bits(Next(-5000, 5000) / 8f) << 32),
        4 => Chance(50) ? 0x7ff0_0000_0000_0001 | (Next() & 0x800f_ffff_ffff_ffff) : 0x7fc0_0000_7f80_0001 | (Next() & 0x803f_ffff_803f_ffff),
        _ => Value(),
    };

    /// <summary>Sign and exponent of an extended-precision number.</summary>
    internal ushort ExtendedExponent() => Next(5) switch
    {
        0 => Pick<ushort>([0, 0x8000, 0x7fff, 0xffff, 1, 0x7ffe, 0x3fff, 0xbfff]),
        1 => (ushort)Next(),
        _ => (ushort)(0x3fff + Next(-70, 70) + (Next(2) << 15)),
    };
}
