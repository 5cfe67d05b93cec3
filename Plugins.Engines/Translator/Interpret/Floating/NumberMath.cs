using System.Numerics;

namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>Exact arithmetic on <see cref="Number"/>: the infinitely precise results of IEEE 754, as far as rounding can tell.</summary>
internal static class NumberMath
{
    /// <summary>a * b of two operands with 64 significant bits; exact.</summary>
    internal static Number Multiply(in Number a, in Number b)
    {
        ulong high = Math.BigMul(a.High, b.High, out ulong low);
        int exponent = a.Exponent + b.Exponent + 1;
        if ((long)high >= 0)
        {
            high = (high << 1) | (low >> 63);
            low <<= 1;
            exponent--;
        }

        return new Number { Negative = a.Negative ^ b.Negative, Exponent = exponent, High = high, Low = low };
    }

    /// <summary>a / b of two operands with 64 significant bits.</summary>
    internal static Number Divide(in Number a, in Number b)
    {
        // The dividend is shifted so that the quotient has exactly 64 bits.
        bool wide = a.High >= b.High;
        UInt128 dividend = wide ? new UInt128(a.High >> 1, a.High << 63) : new UInt128(a.High, 0);
        ulong quotient = (ulong)(dividend / b.High);
        ulong remainder = (ulong)dividend - (quotient * b.High);

        // What is left decides a rounding like a bit below the quotient's last one and a sticky bit.
        ulong low = 0;
        if (remainder != 0)
        {
            ulong other = b.High - remainder;
            low = remainder > other ? 0xc000_0000_0000_0000 : remainder == other ? 0x8000_0000_0000_0000 : 1;
        }

        return new Number
        {
            Negative = a.Negative ^ b.Negative, Exponent = a.Exponent - b.Exponent - (wide ? 0 : 1), High = quotient, Low = low,
        };
    }

    /// <summary>The square root of a positive operand with 64 significant bits.</summary>
    internal static Number SquareRoot(in Number a)
    {
        // The radicand is made 127 or 128 bits long so that its exponent is even and its root has exactly 64 bits.
        bool odd = (a.Exponent & 1) != 0;
        UInt128 radicand = odd ? new UInt128(a.High, 0) : new UInt128(a.High >> 1, a.High << 63);
        ulong root = Root(radicand);
        UInt128 remainder = radicand - Math.BigMul(root, root);
        ulong low = remainder == 0 ? 0 : remainder > root ? 0x8000_0000_0000_0001 : 1;
        return new Number { Exponent = (a.Exponent - (odd ? 1 : 0)) / 2, High = root, Low = low };
    }

    /// <summary>a + b. False: the sum is exactly zero.</summary>
    internal static bool Add(in Number a, in Number b, out Number sum)
    {
        bool swap = a.Exponent < b.Exponent || (a.Exponent == b.Exponent && a.Significand < b.Significand);
        return swap ? AddOrdered(b, a, out sum) : AddOrdered(a, b, out sum);
    }

    /// <summary>Shifts right; ones that fall out stay behind in bit 0.</summary>
    internal static UInt128 ShiftRightSticky(UInt128 value, int count)
    {
        if (count == 0)
            return value;
        if (count >= 128)
            return value == 0 ? 0u : 1u;
        return (value >> count) | (value << (128 - count) == 0 ? 0u : 1u);
    }

    /// <summary>A 64-bit integer as a number; the magnitude is not zero.</summary>
    internal static Number FromInteger(ulong magnitude, bool negative)
    {
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return new Number { Negative = negative, Exponent = 63 - shift, High = magnitude << shift };
    }

    /// <summary>
    /// Rounds to an integer below 2^64. False: it does not fit (<paramref name="magnitude"/> and <paramref name="inexact"/> are then meaningless).
    /// </summary>
    internal static bool ToInteger(in Number a, Rounding rounding, out ulong magnitude, out bool inexact)
    {
        magnitude = 0;
        inexact = false;
        if (a.Exponent >= 64)
            return false;
        int shift = 63 - a.Exponent;
        UInt128 fixedPoint = ShiftRightSticky(a.Significand, Math.Min(shift, 127));
        magnitude = (ulong)(fixedPoint >> 64);
        ulong fraction = (ulong)fixedPoint;
        inexact = fraction != 0;
        if (!RoundsAway(rounding, a.Negative, (magnitude & 1) != 0, fraction))
            return true;
        magnitude++;
        return magnitude != 0;
    }

    /// <summary>Whether a magnitude with this fraction (in units of 2^-64 of its last place, bit 0 sticky) is rounded away from zero.</summary>
    internal static bool RoundsAway(Rounding rounding, bool negative, bool odd, ulong fraction) => rounding switch
    {
        Rounding.NearestEven => fraction > 1UL << 63 || (fraction == 1UL << 63 && odd),
        Rounding.Down => negative && fraction != 0,
        Rounding.Up => !negative && fraction != 0,
        _ => false,
    };

    private static bool AddOrdered(in Number big, in Number small, out Number sum)
    {
        sum = big;
        sum.Denormal = false;
        UInt128 left = big.Significand;
        UInt128 right = ShiftRightSticky(small.Significand, big.Exponent - small.Exponent);
        UInt128 result;
        if (big.Negative == small.Negative)
        {
            result = left + right;
            if (result < left)
            {
                result = ShiftRightSticky(result, 1) | (UInt128.One << 127);
                sum.Exponent++;
            }
        }
        else
        {
            result = left - right;
            if (result == 0)
                return false;
            int shift = (int)UInt128.LeadingZeroCount(result);
            result <<= shift;
            sum.Exponent -= shift;
        }

        sum.High = (ulong)(result >> 64);
        sum.Low = (ulong)result;
        return true;
    }

    /// <summary>The integer part of the root of a value of at least 2^126.</summary>
    private static ulong Root(UInt128 radicand)
    {
        // 53 bits from the host's root, a Newton step for the rest, then the last unit put right.
        double estimate = Math.Sqrt((double)(ulong)(radicand >> 64)) * 4294967296.0;
        ulong root = estimate >= 18446744073709551615.0 ? ulong.MaxValue : (ulong)estimate;
        UInt128 quotient = radicand / root;
        UInt128 next = (quotient + root) >> 1;
        root = next > ulong.MaxValue ? ulong.MaxValue : (ulong)next;
        while (Math.BigMul(root, root) > radicand)
            root--;
        while (root != ulong.MaxValue && Math.BigMul(root + 1, root + 1) <= radicand)
            root++;
        return root;
    }
}
