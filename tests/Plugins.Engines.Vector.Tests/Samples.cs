namespace Hospes.Engines.Vector.Tests;

/// <summary>Random operands, of which many lie where floating point and saturation go wrong.</summary>
internal sealed class Samples(int seed)
{
    private readonly Random _random = new(seed);

    private static readonly ushort[] Exponents64 = [0, 0, 1, 2, 0x35, 0x3fe, 0x3ff, 0x400, 0x41d, 0x41e, 0x433, 0x434, 0x43d, 0x43e, 0x43f, 0x7fd, 0x7fe, 0x7ff];
    private static readonly byte[] Exponents32 = [0, 0, 1, 2, 0x18, 0x7e, 0x7f, 0x80, 0x96, 0x97, 0x9d, 0x9e, 0xbd, 0xbe, 0xfd, 0xfe, 0xff];
    private static readonly ushort[] Exponents80 =
    [
        0, 0, 1, 2, 0x40, 0x3c00, 0x3c01, 0x3f80, 0x3f81, 0x3ffd, 0x3ffe, 0x3fff, 0x4000, 0x4001, 0x400d, 0x400e, 0x401d, 0x401e, 0x403d,
        0x403e, 0x403f, 0x407e, 0x407f, 0x43fe, 0x43ff, 0x7ffd, 0x7ffe, 0x7fff,
    ];

    internal int Next(int limit) => _random.Next(limit);

    internal T Pick<T>(ReadOnlySpan<T> values) => values[_random.Next(values.Length)];

    internal ulong Bits() => (ulong)_random.NextInt64() ^ ((ulong)_random.NextInt64() << 1);

    /// <summary>Anything of 64 bits: noise, two singles, a double, small integers, repeated bytes.</summary>
    internal ulong Quadword() => _random.Next(8) switch
    {
        0 => Bits(),
        1 or 2 => ((ulong)Single() << 32) | Single(),
        3 or 4 => Double(),
        5 => (ulong)(_random.Next(41) - 20),
        6 => 0x0101_0101_0101_0101UL * (byte)_random.Next(256),
        _ => Bits() & Bits() & 0x8080_7f7f_8000_7fffUL,
    };

    internal uint Single()
    {
        uint sign = (uint)_random.Next(2) << 31;
        uint exponent = _random.Next(3) switch
        {
            0 => Pick<byte>(Exponents32),
            1 => (uint)_random.Next(100, 150),
            _ => (uint)_random.Next(256),
        };
        return sign | (exponent << 23) | (uint)Fraction(23);
    }

    internal ulong Double()
    {
        ulong sign = (ulong)_random.Next(2) << 63;
        ulong exponent = _random.Next(3) switch
        {
            0 => Pick<ushort>(Exponents64),
            1 => (ulong)_random.Next(1000, 1060),
            _ => (ulong)_random.Next(2048),
        };
        return sign | (exponent << 52) | Fraction(52);
    }

    /// <summary>An x87 value: sign and exponent, significand. One in eight is a denormal, pseudo-denormal, unnormal or other rarity.</summary>
    internal (ushort SignExponent, ulong Significand) Extended()
    {
        int sign = _random.Next(2) << 15;
        int exponent = _random.Next(4) switch
        {
            0 => Pick<ushort>(Exponents80),
            1 => _random.Next(0x3ff0, 0x4010),
            2 => _random.Next(0x3fc0, 0x4050),
            _ => _random.Next(0x8000),
        };
        ulong integer = _random.Next(8) == 0 ? (ulong)_random.Next(2) : exponent == 0 ? 0u : 1u;
        return ((ushort)(sign | exponent), (integer << 63) | Fraction(63));
    }

    private ulong Fraction(int bits)
    {
        ulong mask = (1UL << bits) - 1;
        return _random.Next(8) switch
        {
            0 => 0,
            1 => mask,
            2 => 1UL << (bits - 1),
            3 => (1UL << _random.Next(bits)) & mask,
            4 => mask & ~(1UL << _random.Next(bits)),
            5 => (mask << _random.Next(bits)) & mask,
            _ => Bits() & mask,
        };
    }
}
