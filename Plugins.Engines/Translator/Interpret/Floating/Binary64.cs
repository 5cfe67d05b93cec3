using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>Double precision.</summary>
internal readonly struct Binary64 : IFloatFormat
{
    private const ulong ExponentMask = 0x7ff0_0000_0000_0000;

    public static int FractionBits => 52;

    public static int ExponentBits => 11;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        double x = BitConverter.UInt64BitsToDouble(a);
        double y = BitConverter.UInt64BitsToDouble(b);
        double sum = x + y;
        result = BitConverter.DoubleToUInt64Bits(sum);
        if (IsDenormal(a) || IsDenormal(b) || !(IsSafe(result) || sum == 0))
            return false;
        if (!inexact)
        {
            // Knuth's two-sum: the rounding error of an addition, itself exact.
            double yRounded = sum - x;
            double error = (x - (sum - yRounded)) + (y - yRounded);
            inexact = error != 0;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(ulong a, ulong b, ref bool inexact, out ulong result) => TryAdd(a, b ^ (1UL << 63), ref inexact, out result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMultiply(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        double x = BitConverter.UInt64BitsToDouble(a);
        double y = BitConverter.UInt64BitsToDouble(b);
        double product = x * y;
        result = BitConverter.DoubleToUInt64Bits(product);
        if (IsDenormal(a) || IsDenormal(b) || !(IsSafe(result) || (product == 0 && (x == 0 || y == 0))))
            return false;
        if (!inexact)
            inexact = Math.FusedMultiplyAdd(x, y, -product) != 0;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDivide(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        double x = BitConverter.UInt64BitsToDouble(a);
        double y = BitConverter.UInt64BitsToDouble(b);
        double quotient = x / y;
        result = BitConverter.DoubleToUInt64Bits(quotient);
        if (IsDenormal(a) || IsDenormal(b) || !(x == 0 ? quotient == 0 : IsSafe(result) && IsSafe(a)))
            return false;
        if (!inexact && x != 0)
            inexact = Math.FusedMultiplyAdd(quotient, y, -x) != 0;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySquareRoot(ulong a, ref bool inexact, out ulong result)
    {
        double x = BitConverter.UInt64BitsToDouble(a);
        double root = Math.Sqrt(x);
        result = BitConverter.DoubleToUInt64Bits(root);
        if (!IsSafe(a) || !IsSafe(result))
            return false;
        if (!inexact)
            inexact = Math.FusedMultiplyAdd(root, root, -x) != 0;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareOrdered(ulong a, ulong b)
    {
        double x = BitConverter.UInt64BitsToDouble(a);
        double y = BitConverter.UInt64BitsToDouble(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDenormal(ulong bits) => (bits & ExponentMask) == 0 && bits << 1 != 0;

    /// <summary>Finite, and so far from the ends of the range that neither it nor its rounding error overflows or underflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSafe(ulong bits) => ((bits >> 52) & 0x7ff) - 0x80 <= 0x7fc - 0x80;
}
