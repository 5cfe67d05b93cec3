using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>x87 arithmetic on operands taken apart, with the control word's precision and rounding (SDM volume 1, sections 4.8, 4.9, 8.1.5, 8.5).</summary>
internal static class ExtendedMath
{
    /// <summary>What an unmasked overflow or underflow moves the exponent by, to bring the result back into range.</summary>
    private const int WrapExponent = 24576;

    internal static Extended Add(in FpuOperand a, in FpuOperand b, bool subtract, ref FpuEnvironment environment)
    {
        if (Special(a, b, ref environment, out Extended special))
            return special;
        bool rightNegative = b.Negative ^ subtract;
        bool leftInfinite = a.Class == FloatClass.Infinity;
        bool rightInfinite = b.Class == FloatClass.Infinity;
        if (leftInfinite && rightInfinite && a.Negative != rightNegative)
            return environment.Invalid();
        environment.RaiseDenormal(a);
        environment.RaiseDenormal(b);
        if (leftInfinite || rightInfinite)
            return Extended.Infinity(leftInfinite ? a.Negative : rightNegative);
        bool zeroSign = environment.Rounding == Rounding.Down;
        if (a.Class == FloatClass.Zero && b.Class == FloatClass.Zero)
            return Extended.Zero(a.Negative == rightNegative ? a.Negative : zeroSign);
        Number right = b.Number;
        right.Negative = rightNegative;
        if (a.Class == FloatClass.Zero)
            return Round(right, environment.Precision, ref environment);
        if (b.Class == FloatClass.Zero)
            return Round(a.Number, environment.Precision, ref environment);
        return NumberMath.Add(a.Number, right, out Number sum) ? Round(sum, environment.Precision, ref environment) : Extended.Zero(zeroSign);
    }

    internal static Extended Multiply(in FpuOperand a, in FpuOperand b, ref FpuEnvironment environment)
    {
        if (Special(a, b, ref environment, out Extended special))
            return special;
        bool negative = a.Negative ^ b.Negative;
        bool infinite = a.Class == FloatClass.Infinity || b.Class == FloatClass.Infinity;
        bool zero = a.Class == FloatClass.Zero || b.Class == FloatClass.Zero;
        if (infinite && zero)
            return environment.Invalid();
        environment.RaiseDenormal(a);
        environment.RaiseDenormal(b);
        if (infinite)
            return Extended.Infinity(negative);
        return zero ? Extended.Zero(negative) : Round(NumberMath.Multiply(a.Number, b.Number), environment.Precision, ref environment);
    }

    internal static Extended Divide(in FpuOperand a, in FpuOperand b, ref FpuEnvironment environment)
    {
        if (Special(a, b, ref environment, out Extended special))
            return special;
        if (a.Class == b.Class && a.Class is FloatClass.Infinity or FloatClass.Zero)
            return environment.Invalid();
        bool negative = a.Negative ^ b.Negative;
        if (b.Class == FloatClass.Zero && a.Class == FloatClass.Finite)
        {
            environment.Raise(FloatFlags.ZeroDivide);
            return Extended.Infinity(negative);
        }

        environment.RaiseDenormal(a);
        environment.RaiseDenormal(b);
        if (a.Class == FloatClass.Infinity)
            return Extended.Infinity(negative);
        return a.Class == FloatClass.Zero || b.Class == FloatClass.Infinity
            ? Extended.Zero(negative)
            : Round(NumberMath.Divide(a.Number, b.Number), environment.Precision, ref environment);
    }

    internal static Extended SquareRoot(in FpuOperand a, ref FpuEnvironment environment)
    {
        if (Special(a, ref environment, out Extended special))
            return special;
        if (a.Class == FloatClass.Zero)
            return Extended.Zero(a.Negative);
        if (a.Negative)
            return environment.Invalid();
        if (a.Class == FloatClass.Infinity)
            return Extended.Infinity(negative: false);
        environment.RaiseDenormal(a);
        return Round(NumberMath.SquareRoot(a.Number), environment.Precision, ref environment);
    }

    /// <summary>Compares; <paramref name="signaling"/>: a quiet NaN is invalid too.</summary>
    internal static FloatOrder Compare(in FpuOperand a, in FpuOperand b, bool signaling, ref FpuEnvironment environment)
    {
        if (a.Class == FloatClass.Unsupported || b.Class == FloatClass.Unsupported || a.IsNan || b.IsNan)
        {
            if (signaling || a.Class is FloatClass.Unsupported or FloatClass.SignalingNan
                || b.Class is FloatClass.Unsupported or FloatClass.SignalingNan)
                environment.Raise(FloatFlags.Invalid);
            return FloatOrder.Unordered;
        }

        environment.RaiseDenormal(a);
        environment.RaiseDenormal(b);
        int left = Rank(a);
        int right = Rank(b);
        if (left == right && a.Class == FloatClass.Finite)
        {
            int magnitude = a.Number.Exponent != b.Number.Exponent
                ? a.Number.Exponent.CompareTo(b.Number.Exponent)
                : a.Number.High.CompareTo(b.Number.High);
            left = a.Negative ? -magnitude : magnitude;
            right = 0;
        }

        return left < right ? FloatOrder.Less : left > right ? FloatOrder.Greater : FloatOrder.Equal;
    }

    /// <summary>Deals with NaNs and unsupported encodings among two operands.</summary>
    internal static bool Special(in FpuOperand a, in FpuOperand b, ref FpuEnvironment environment, out Extended result)
    {
        result = default;
        if (a.Class == FloatClass.Unsupported || b.Class == FloatClass.Unsupported)
        {
            result = environment.Invalid();
            return true;
        }

        if (!a.IsNan && !b.IsNan)
            return false;
        bool leftSignaling = a.Class == FloatClass.SignalingNan;
        bool rightSignaling = b.Class == FloatClass.SignalingNan;
        if (leftSignaling || rightSignaling)
            environment.Raise(FloatFlags.Invalid);

        // SDM volume 1, table 4-7: the quiet one of a quiet and a signaling NaN, else the one with the larger significand.
        bool left;
        if (!a.IsNan || !b.IsNan)
            left = a.IsNan;
        else if (leftSignaling != rightSignaling)
            left = rightSignaling;
        else if (a.Significand != b.Significand)
            left = a.Significand > b.Significand;
        else
            left = !a.Negative;
        result = left ? a.ToQuietNan() : b.ToQuietNan();
        return true;
    }

    /// <summary>Deals with a NaN or unsupported encoding of a single operand.</summary>
    internal static bool Special(in FpuOperand a, ref FpuEnvironment environment, out Extended result)
    {
        result = default;
        if (a.Class == FloatClass.Unsupported)
        {
            result = environment.Invalid();
            return true;
        }

        if (!a.IsNan)
            return false;
        if (a.Class == FloatClass.SignalingNan)
            environment.Raise(FloatFlags.Invalid);
        result = a.ToQuietNan();
        return true;
    }

    /// <summary>Rounds an exact result to a register, with so many significant bits.</summary>
    internal static Extended Round(in Number number, int precision, ref FpuEnvironment environment)
    {
        int drop = 64 - precision;
        Rounding rounding = environment.Rounding;
        int exponent = number.Exponent + Extended.Bias;
        UInt128 significand = number.Significand;
        bool tiny = false;
        if (exponent <= 0)
        {
            RoundAt(significand, drop, rounding, number.Negative, out bool carries, out _, out _);
            tiny = exponent < 0 || !carries;
            if (tiny && !environment.UnderflowMasked)
            {
                environment.Raise(FloatFlags.Underflow);
                exponent += WrapExponent;
                if (exponent <= 0)
                    return OutOfReach(Extended.Zero(number.Negative), up: false, ref environment);
            }
            else
            {
                significand = NumberMath.ShiftRightSticky(significand, 1 - exponent);
                exponent = 1;
            }
        }

        ulong rounded = RoundAt(significand, drop, rounding, number.Negative, out bool carry, out bool inexact, out bool up);
        if (carry)
            exponent++;
        else if ((long)rounded >= 0)
            exponent = 0;
        if (exponent >= Extended.MaximumExponent)
        {
            if (environment.OverflowMasked)
                return Overflow(number.Negative, drop, ref environment);
            environment.Raise(FloatFlags.Overflow);
            exponent -= WrapExponent;
            if (exponent >= Extended.MaximumExponent)
                return OutOfReach(Extended.Infinity(number.Negative), up: true, ref environment);
        }

        environment.RoundedUp = up;
        if (inexact)
            environment.Raise(FloatFlags.Inexact);
        if (tiny && inexact)
            environment.Raise(FloatFlags.Underflow);
        return new Extended((ushort)(exponent | (number.Negative ? 0x8000 : 0)), rounded);
    }

    /// <summary>FSCALE can go so far that moving the exponent doesn't help: zero or infinity, whatever the rounding mode.</summary>
    private static Extended OutOfReach(Extended result, bool up, ref FpuEnvironment environment)
    {
        environment.Raise(FloatFlags.Inexact);
        environment.RoundedUp = up;
        return result;
    }

    private static Extended Overflow(bool negative, int drop, ref FpuEnvironment environment)
    {
        environment.Raise(FloatFlags.Overflow | FloatFlags.Inexact);
        Rounding rounding = environment.Rounding;
        bool finite = rounding == Rounding.TowardZero || rounding == (negative ? Rounding.Up : Rounding.Down);
        environment.RoundedUp = !finite;
        return finite
            ? new Extended((ushort)((Extended.MaximumExponent - 1) | (negative ? 0x8000 : 0)), ulong.MaxValue << drop)
            : Extended.Infinity(negative);
    }

    /// <summary>Rounds the upper half to a multiple of 2^drop. After a carry the result is 2^63 and belongs to the next exponent.</summary>
    private static ulong RoundAt(UInt128 significand, int drop, Rounding rounding, bool negative, out bool carry, out bool inexact, out bool up)
    {
        UInt128 below = significand << (64 - drop);
        ulong fraction = (ulong)(below >> 64) | ((ulong)below != 0 ? 1u : 0u);
        ulong kept = (ulong)(significand >> 64) >> drop;
        inexact = fraction != 0;
        up = NumberMath.RoundsAway(rounding, negative, (kept & 1) != 0, fraction);
        ulong rounded = (up ? kept + 1 : kept) << drop;
        carry = up && rounded == 0;
        return carry ? Extended.IntegerBit : rounded;
    }

    /// <summary>Order of the classes on the number line.</summary>
    private static int Rank(in FpuOperand a)
    {
        int rank = a.Class switch
        {
            FloatClass.Zero => 0,
            FloatClass.Finite => 1,
            _ => 2,
        };
        return a.Negative ? -rank : rank;
    }
}
