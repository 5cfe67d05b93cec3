using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>
/// SSE arithmetic on binary32 and binary64 with every effect of MXCSR, written from IEEE 754-2019 and the Intel SDM (volume 1, sections 4.8, 4.9,
/// 10.2.3, 11.5). Encodings travel as <see cref="ulong"/>.
/// </summary>
internal static class SoftFloat
{
    internal static ulong Add<TFormat>(ulong a, ulong b, bool subtract, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass left = Unpack<TFormat>(a, ref environment, out Number x);
        FloatClass right = Unpack<TFormat>(b, ref environment, out Number y);
        if (left >= FloatClass.QuietNan || right >= FloatClass.QuietNan)
            return PropagateNan<TFormat>(a, b, left, right, ref environment);
        y.Negative ^= subtract;
        if (left == FloatClass.Infinity && right == FloatClass.Infinity && x.Negative != y.Negative)
            return Invalid<TFormat>(ref environment);
        RaiseDenormal(x, y, ref environment);
        if (left == FloatClass.Infinity || right == FloatClass.Infinity)
            return Infinity<TFormat>(left == FloatClass.Infinity ? x.Negative : y.Negative);
        if (left == FloatClass.Zero && right == FloatClass.Zero)
            return Zero<TFormat>(x.Negative == y.Negative ? x.Negative : environment.Rounding == Rounding.Down);
        if (left == FloatClass.Zero)
            return Round<TFormat>(y, ref environment);
        if (right == FloatClass.Zero)
            return Round<TFormat>(x, ref environment);
        return NumberMath.Add(x, y, out Number sum)
            ? Round<TFormat>(sum, ref environment)
            : Zero<TFormat>(environment.Rounding == Rounding.Down);
    }

    internal static ulong Multiply<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass left = Unpack<TFormat>(a, ref environment, out Number x);
        FloatClass right = Unpack<TFormat>(b, ref environment, out Number y);
        if (left >= FloatClass.QuietNan || right >= FloatClass.QuietNan)
            return PropagateNan<TFormat>(a, b, left, right, ref environment);
        bool negative = x.Negative ^ y.Negative;
        if (left == FloatClass.Infinity || right == FloatClass.Infinity)
        {
            if (left == FloatClass.Zero || right == FloatClass.Zero)
                return Invalid<TFormat>(ref environment);
            RaiseDenormal(x, y, ref environment);
            return Infinity<TFormat>(negative);
        }

        RaiseDenormal(x, y, ref environment);
        return left == FloatClass.Zero || right == FloatClass.Zero
            ? Zero<TFormat>(negative)
            : Round<TFormat>(NumberMath.Multiply(x, y), ref environment);
    }

    internal static ulong Divide<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass left = Unpack<TFormat>(a, ref environment, out Number x);
        FloatClass right = Unpack<TFormat>(b, ref environment, out Number y);
        if (left >= FloatClass.QuietNan || right >= FloatClass.QuietNan)
            return PropagateNan<TFormat>(a, b, left, right, ref environment);
        if ((left == FloatClass.Infinity && right == FloatClass.Infinity) || (left == FloatClass.Zero && right == FloatClass.Zero))
            return Invalid<TFormat>(ref environment);
        bool negative = x.Negative ^ y.Negative;
        if (right == FloatClass.Zero && left == FloatClass.Finite)
        {
            environment.Raise(FloatFlags.ZeroDivide);
            return Infinity<TFormat>(negative);
        }

        RaiseDenormal(x, y, ref environment);
        if (left == FloatClass.Infinity)
            return Infinity<TFormat>(negative);
        return left == FloatClass.Zero || right == FloatClass.Infinity
            ? Zero<TFormat>(negative)
            : Round<TFormat>(NumberMath.Divide(x, y), ref environment);
    }

    internal static ulong SquareRoot<TFormat>(ulong a, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass kind = Unpack<TFormat>(a, ref environment, out Number x);
        if (kind >= FloatClass.QuietNan)
            return PropagateNan<TFormat>(a, a, kind, kind, ref environment);
        if (kind == FloatClass.Zero)
            return Zero<TFormat>(x.Negative);
        if (x.Negative)
            return Invalid<TFormat>(ref environment);
        if (kind == FloatClass.Infinity)
            return a;
        RaiseDenormal(x, x, ref environment);
        return Round<TFormat>(NumberMath.SquareRoot(x), ref environment);
    }

    /// <summary>MIN and MAX: the second operand whenever there is no strict order (SDM volume 2, MINPS).</summary>
    internal static ulong Select<TFormat>(ulong a, ulong b, bool maximum, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass left = Unpack<TFormat>(a, ref environment, out Number x);
        FloatClass right = Unpack<TFormat>(b, ref environment, out Number y);
        if (left >= FloatClass.QuietNan || right >= FloatClass.QuietNan)
        {
            environment.Raise(FloatFlags.Invalid);
            return right == FloatClass.Zero ? Zero<TFormat>(y.Negative) : b;
        }

        RaiseDenormal(x, y, ref environment);
        a = left == FloatClass.Zero ? Zero<TFormat>(x.Negative) : a;
        b = right == FloatClass.Zero ? Zero<TFormat>(y.Negative) : b;
        int order = TFormat.CompareOrdered(a, b);
        return (maximum ? order > 0 : order < 0) ? a : b;
    }

    /// <summary>Compares; <paramref name="signaling"/>: a quiet NaN is invalid too.</summary>
    internal static FloatOrder Compare<TFormat>(ulong a, ulong b, bool signaling, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass left = Unpack<TFormat>(a, ref environment, out Number x);
        FloatClass right = Unpack<TFormat>(b, ref environment, out Number y);
        if (left >= FloatClass.QuietNan || right >= FloatClass.QuietNan)
        {
            if (signaling || left == FloatClass.SignalingNan || right == FloatClass.SignalingNan)
                environment.Raise(FloatFlags.Invalid);
            return FloatOrder.Unordered;
        }

        RaiseDenormal(x, y, ref environment);
        a = left == FloatClass.Zero ? 0 : a;
        b = right == FloatClass.Zero ? 0 : b;
        int order = TFormat.CompareOrdered(a, b);
        return order < 0 ? FloatOrder.Less : order > 0 ? FloatOrder.Greater : FloatOrder.Equal;
    }

    /// <summary>From one format to the other.</summary>
    internal static ulong Convert<TFrom, TTo>(ulong a, ref FloatEnvironment environment)
        where TFrom : struct, IFloatFormat
        where TTo : struct, IFloatFormat
    {
        switch (Unpack<TFrom>(a, ref environment, out Number x))
        {
            case FloatClass.Zero:
                return Zero<TTo>(x.Negative);
            case FloatClass.Infinity:
                return Infinity<TTo>(x.Negative);
            case FloatClass.Finite:
                RaiseDenormal(x, x, ref environment);
                return Round<TTo>(x, ref environment);
            case FloatClass.SignalingNan:
                environment.Raise(FloatFlags.Invalid);
                break;
        }

        // A NaN keeps the upper bits of its payload and becomes quiet.
        ulong fraction = a << (64 - TFrom.FractionBits) >> (64 - TTo.FractionBits);
        return Infinity<TTo>(x.Negative) | fraction | (1UL << (TTo.FractionBits - 1));
    }

    /// <summary>To a signed integer of 32 or 64 bits; "integer indefinite" (the lowest) for what does not fit. Denormals raise nothing but inexact.</summary>
    internal static long ToInteger<TFormat>(ulong a, int bits, Rounding rounding, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass kind = Unpack<TFormat>(a, ref environment, out Number x);
        if (kind == FloatClass.Zero)
            return 0;
        ulong limit = 1UL << (bits - 1);
        if (kind == FloatClass.Finite && NumberMath.ToInteger(x, rounding, out ulong magnitude, out bool inexact)
            && magnitude <= (x.Negative ? limit : limit - 1))
        {
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return x.Negative ? -(long)magnitude : (long)magnitude;
        }

        environment.Raise(FloatFlags.Invalid);
        return long.MinValue >> (64 - bits);
    }

    /// <summary>From a signed integer.</summary>
    internal static ulong FromInteger<TFormat>(long value, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
        => value == 0 ? 0 : Round<TFormat>(NumberMath.FromInteger((ulong)(value < 0 ? -value : value), value < 0), ref environment);

    /// <summary>ROUNDSS and kin: an integral value in the same format.</summary>
    internal static ulong RoundToIntegral<TFormat>(ulong a, Rounding rounding, bool suppressInexact, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        FloatClass kind = Unpack<TFormat>(a, ref environment, out Number x);
        if (kind >= FloatClass.QuietNan)
            return PropagateNan<TFormat>(a, a, kind, kind, ref environment);
        if (kind == FloatClass.Zero)
            return Zero<TFormat>(x.Negative);
        if (kind == FloatClass.Infinity || x.Exponent >= TFormat.FractionBits)
            return a;
        NumberMath.ToInteger(x, rounding, out ulong magnitude, out bool inexact);
        if (inexact && !suppressInexact)
            environment.Raise(FloatFlags.Inexact);
        return magnitude == 0 ? Zero<TFormat>(x.Negative) : Round<TFormat>(NumberMath.FromInteger(magnitude, x.Negative), ref environment);
    }

    /// <summary>Takes an encoding apart. Denormals become zero here when MXCSR.DAZ says so. The sign is always filled in.</summary>
    internal static FloatClass Unpack<TFormat>(ulong bits, ref FloatEnvironment environment, out Number number)
        where TFormat : struct, IFloatFormat
    {
        number = default;
        int maximum = (1 << TFormat.ExponentBits) - 1;
        int bias = maximum >> 1;
        number.Negative = ((bits >> (TFormat.FractionBits + TFormat.ExponentBits)) & 1) != 0;
        int exponent = (int)(bits >> TFormat.FractionBits) & maximum;
        ulong fraction = bits & ((1UL << TFormat.FractionBits) - 1);
        if (exponent == maximum)
        {
            if (fraction == 0)
                return FloatClass.Infinity;
            return (fraction >> (TFormat.FractionBits - 1)) != 0 ? FloatClass.QuietNan : FloatClass.SignalingNan;
        }

        if (exponent != 0)
        {
            number.Exponent = exponent - bias;
            number.High = (1UL << 63) | (fraction << (63 - TFormat.FractionBits));
            return FloatClass.Finite;
        }

        if (fraction == 0 || environment.DenormalsAreZero)
            return FloatClass.Zero;
        int shift = BitOperations.LeadingZeroCount(fraction);
        number.High = fraction << shift;
        number.Exponent = 1 - bias + (63 - TFormat.FractionBits) - shift;
        number.Denormal = true;
        return FloatClass.Finite;
    }

    /// <summary>Rounds an exact result into the format, raising overflow, underflow and inexact as MXCSR has it.</summary>
    internal static ulong Round<TFormat>(in Number number, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        int drop = 63 - TFormat.FractionBits;
        int maximum = (1 << TFormat.ExponentBits) - 1;
        Rounding rounding = environment.Rounding;
        int exponent = number.Exponent + (maximum >> 1);
        UInt128 significand = number.Significand;
        bool tiny = false;
        if (exponent <= 0)
        {
            // Tininess is detected after rounding (SDM volume 1, section 4.9.1.5): a value that would round up to the least normal one, were
            // the exponent's range unbounded, is not tiny.
            bool carries = RoundAt(significand, drop, rounding, number.Negative, out bool rounds, out _) >> (TFormat.FractionBits + 1) != 0;
            tiny = exponent < 0 || !carries;
            if (tiny && !environment.UnderflowMasked)
            {
                // A handler gets it as if the exponent had no limit: inexact is what that rounding is. There is no result.
                environment.Raise(FloatFlags.Underflow | (rounds ? FloatFlags.Inexact : 0));
                return Zero<TFormat>(number.Negative);
            }

            if (tiny && environment.FlushToZero)
            {
                environment.Raise(FloatFlags.Underflow | FloatFlags.Inexact);
                return Zero<TFormat>(number.Negative);
            }

            significand = NumberMath.ShiftRightSticky(significand, 1 - exponent);
            exponent = 1;
        }

        ulong rounded = RoundAt(significand, drop, rounding, number.Negative, out bool inexact, out bool up);
        environment.RoundedUp = up;

        // The significand's leading one, if any, adds one to the exponent; so does a carry out of it.
        ulong magnitude = ((ulong)(Math.Min(exponent, maximum) - 1) << TFormat.FractionBits) + rounded;
        if (exponent >= maximum || magnitude >= (ulong)maximum << TFormat.FractionBits)
        {
            environment.Raise(FloatFlags.Overflow | (inexact || environment.OverflowMasked ? FloatFlags.Inexact : 0));
            bool finite = rounding == Rounding.TowardZero || rounding == (number.Negative ? Rounding.Up : Rounding.Down);
            environment.RoundedUp = !finite;
            return Infinity<TFormat>(number.Negative) - (finite ? 1u : 0u);
        }

        if (inexact)
            environment.Raise(FloatFlags.Inexact);
        if (tiny && inexact)
            environment.Raise(FloatFlags.Underflow);
        return magnitude | Zero<TFormat>(number.Negative);
    }

    internal static ulong Zero<TFormat>(bool negative)
        where TFormat : struct, IFloatFormat
        => negative ? 1UL << (TFormat.FractionBits + TFormat.ExponentBits) : 0;

    internal static ulong Infinity<TFormat>(bool negative)
        where TFormat : struct, IFloatFormat
        => Zero<TFormat>(negative) | (((1UL << TFormat.ExponentBits) - 1) << TFormat.FractionBits);

    /// <summary>The default NaN, "QNaN floating-point indefinite", and the invalid exception.</summary>
    private static ulong Invalid<TFormat>(ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        environment.Raise(FloatFlags.Invalid);
        return Infinity<TFormat>(negative: true) | (1UL << (TFormat.FractionBits - 1));
    }

    /// <summary>SSE's rule (SDM volume 1, table 4-7): the first operand if it is a NaN, else the second; made quiet.</summary>
    private static ulong PropagateNan<TFormat>(ulong a, ulong b, FloatClass left, FloatClass right, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (left == FloatClass.SignalingNan || right == FloatClass.SignalingNan)
            environment.Raise(FloatFlags.Invalid);
        return (left >= FloatClass.QuietNan ? a : b) | (1UL << (TFormat.FractionBits - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RaiseDenormal(in Number a, in Number b, ref FloatEnvironment environment)
    {
        if (a.Denormal || b.Denormal)
            environment.Raise(FloatFlags.Denormal);
    }

    /// <summary>Rounds away the low 64 bits and <paramref name="drop"/> more.</summary>
    private static ulong RoundAt(UInt128 significand, int drop, Rounding rounding, bool negative, out bool inexact, out bool up)
    {
        UInt128 moved = significand << (64 - drop);
        ulong fraction = (ulong)(moved >> 64) | ((ulong)moved != 0 ? 1u : 0u);
        ulong kept = (ulong)(significand >> 64) >> drop;
        inexact = fraction != 0;
        up = NumberMath.RoundsAway(rounding, negative, (kept & 1) != 0, fraction);
        return up ? kept + 1 : kept;
    }
}
