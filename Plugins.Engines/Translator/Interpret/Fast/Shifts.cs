using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>
/// Shifts by a constant of 1 or more, and signed multiplication, with their flags; what the architecture leaves undefined is what the handlers give.
/// </summary>
internal static unsafe class Shifts
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftLeft32(CpuContext* c, uint value, int count)
    {
        uint result = value << count;
        bool carry = ((value >> (32 - count)) & 1) != 0;
        SetFlags(c, (ulong)(int)result, carry, carry != ((int)result < 0));
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftRight32(CpuContext* c, uint value, int count)
    {
        uint result = value >> count;
        SetFlags(c, (ulong)(int)result, ((value >> (count - 1)) & 1) != 0, count == 1 && (int)value < 0);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftArithmetic32(CpuContext* c, uint value, int count)
    {
        int result = (int)value >> count;
        SetFlags(c, (ulong)result, (((int)value >> (count - 1)) & 1) != 0, false);
        return (uint)result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftLeft64(CpuContext* c, ulong value, int count)
    {
        ulong result = value << count;
        bool carry = ((value >> (64 - count)) & 1) != 0;
        SetFlags(c, (ulong)(long)result, carry, carry != ((long)result < 0));
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftRight64(CpuContext* c, ulong value, int count)
    {
        ulong result = value >> count;
        SetFlags(c, (ulong)(long)result, ((value >> (count - 1)) & 1) != 0, count == 1 && (long)value < 0);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftArithmetic64(CpuContext* c, ulong value, int count)
    {
        long result = (long)value >> count;
        SetFlags(c, (ulong)result, (((long)value >> (count - 1)) & 1) != 0, false);
        return (ulong)result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Multiply32(CpuContext* c, int left, int right)
    {
        long wide = (long)left * right;
        bool lost = wide != (int)wide;
        SetFlags(c, (ulong)(int)wide, lost, lost);
        return (int)wide;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Multiply64(CpuContext* c, long left, long right)
    {
        long high = Math.BigMul(left, right, out long low);
        bool lost = high != low >> 63;
        SetFlags(c, (ulong)low, lost, lost);
        return low;
    }

    /// <summary>
    /// Leaves zero, sign and parity owed; carry and overflow are given.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetFlags(CpuContext* c, ulong result, bool carry, bool overflow)
    {
        c->FlagKind = FlagKind.Given;
        c->FlagResult = result;
        c->FlagRight = (carry ? Bits.Carry : 0) | (overflow ? Bits.Overflow : 0);
    }
}
