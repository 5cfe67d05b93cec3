using System.Numerics;
using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>Operations that read or keep part of the flags: ADC, SBB, rotates by a constant.</summary>
internal static unsafe class Carries
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddCarry<TWidth>(CpuContext* c, ulong* register, ulong right)
        where TWidth : struct, IWidth
    {
        bool carry = Flags.Carry(c);
        ulong left = TWidth.Extend(*register);
        ulong result = TWidth.Extend(left + right + (carry ? 1UL : 0));
        TWidth.Write(register, result);
        Flags.Defer(c, carry ? FlagKind.AddCarry : FlagKind.Add, result, left, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SubtractBorrow<TWidth>(CpuContext* c, ulong* register, ulong right)
        where TWidth : struct, IWidth
    {
        bool borrow = Flags.Carry(c);
        ulong left = TWidth.Extend(*register);
        ulong result = TWidth.Extend(left - right - (borrow ? 1UL : 0));
        TWidth.Write(register, result);
        Flags.Defer(c, borrow ? FlagKind.SubtractBorrow : FlagKind.Subtract, result, left, right);
    }

    /// <summary>ROL by 1 or more, less than the width: carry is the bit that came round, overflow is given for every count.</summary>
    internal static ulong RotateLeft32(CpuContext* c, uint value, int count)
    {
        uint result = BitOperations.RotateLeft(value, count);
        SetRotated(c, result & 1, result >> 31);
        return result;
    }

    /// <inheritdoc cref="RotateLeft32"/>
    internal static ulong RotateLeft64(CpuContext* c, ulong value, int count)
    {
        ulong result = BitOperations.RotateLeft(value, count);
        SetRotated(c, (uint)(result & 1), (uint)(result >> 63));
        return result;
    }

    private static void SetRotated(CpuContext* c, uint carry, uint top)
    {
        uint kept = Flags.Arithmetic(c) & ~(Bits.Carry | Bits.Overflow);
        Flags.SetArithmetic(c, kept | (carry != 0 ? Bits.Carry : 0) | ((carry ^ top) != 0 ? Bits.Overflow : 0));
    }
}
