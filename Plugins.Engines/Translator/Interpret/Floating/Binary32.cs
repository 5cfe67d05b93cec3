using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>Single precision, in the low 32 bits.</summary>
internal readonly struct Binary32 : IFloatFormat
{
    private const uint ExponentMask = 0x7f80_0000;

    public static int FractionBits => 23;

    public static int ExponentBits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        float x = BitConverter.UInt32BitsToSingle((uint)a);
        float y = BitConverter.UInt32BitsToSingle((uint)b);
        float sum = x + y;
        uint bits = BitConverter.SingleToUInt32Bits(sum);
        result = bits;
        if (IsDenormal((uint)a) || IsDenormal((uint)b) || !(IsSafe(bits) || sum == 0))
            return false;
        if (!inexact)
        {
            float yRounded = sum - x;
            float error = (x - (sum - yRounded)) + (y - yRounded);
            inexact = error != 0;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(ulong a, ulong b, ref bool inexact, out ulong result) => TryAdd(a, b ^ (1UL << 31), ref inexact, out result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMultiply(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        float x = BitConverter.UInt32BitsToSingle((uint)a);
        float y = BitConverter.UInt32BitsToSingle((uint)b);
        double exact = (double)x * y;
        float product = (float)exact;
        uint bits = BitConverter.SingleToUInt32Bits(product);
        result = bits;
        if (IsDenormal((uint)a) || IsDenormal((uint)b) || !(IsSafe(bits) || exact == 0))
            return false;
        if (!inexact)
            inexact = product != exact;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDivide(ulong a, ulong b, ref bool inexact, out ulong result)
    {
        float x = BitConverter.UInt32BitsToSingle((uint)a);
        float y = BitConverter.UInt32BitsToSingle((uint)b);
        float quotient = x / y;
        uint bits = BitConverter.SingleToUInt32Bits(quotient);
        result = bits;
        if (IsDenormal((uint)a) || IsDenormal((uint)b) || !(x == 0 ? quotient == 0 : IsSafe(bits)))
            return false;
        if (!inexact && x != 0)
            inexact = (double)quotient * y != x;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySquareRoot(ulong a, ref bool inexact, out ulong result)
    {
        float x = BitConverter.UInt32BitsToSingle((uint)a);
        float root = MathF.Sqrt(x);
        uint bits = BitConverter.SingleToUInt32Bits(root);
        result = bits;
        if (!IsSafe((uint)a) || !IsSafe(bits))
            return false;
        if (!inexact)
            inexact = (double)root * root != x;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareOrdered(ulong a, ulong b)
    {
        float x = BitConverter.UInt32BitsToSingle((uint)a);
        float y = BitConverter.UInt32BitsToSingle((uint)b);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDenormal(uint bits) => (bits & ExponentMask) == 0 && bits << 1 != 0;

    /// <summary>Finite, normal and not at the very ends of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSafe(uint bits) => ((bits >> 23) & 0xff) - 2 <= 0xfc - 2;
}
