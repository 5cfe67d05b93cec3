using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.State;

/// <summary>Arithmetic flags, made from what the last flag-setting operation left behind.</summary>
internal static unsafe class Flags
{
    /// <summary>All six arithmetic flags at their EFLAGS places.</summary>
    internal static uint Arithmetic(CpuContext* c)
    {
        if (c->FlagKind == FlagKind.Explicit)
            return (uint)c->FlagResult & Bits.Arithmetic;
        ulong result = c->FlagResult;
        uint flags = Carry(c) ? Bits.Carry : 0;
        if ((BitOperations.PopCount((byte)result) & 1) == 0)
            flags |= Bits.Parity;
        if (result == 0)
            flags |= Bits.Zero;
        if ((long)result < 0)
            flags |= Bits.Sign;
        if (Overflow(c))
            flags |= Bits.Overflow;
        ulong right = c->FlagKind is FlagKind.Increment or FlagKind.Decrement ? 1 : c->FlagRight;
        if (c->FlagKind is not (FlagKind.Logic or FlagKind.Given) && ((c->FlagLeft ^ right ^ result) & 0x10) != 0)
            flags |= Bits.Adjust;
        return flags;
    }

    /// <summary>The whole of EFLAGS.</summary>
    internal static uint All(CpuContext* c) => c->SystemFlags | Bits.Fixed1 | Arithmetic(c);

    /// <summary>Replaces the arithmetic flags by the bits at their EFLAGS places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SetArithmetic(CpuContext* c, uint flags)
    {
        c->FlagKind = FlagKind.Explicit;
        c->FlagResult = flags & Bits.Arithmetic;
    }

    /// <summary>Remembers an operation whose operands and result are given sign-extended to 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Defer(CpuContext* c, FlagKind kind, ulong result, ulong left, ulong right)
    {
        c->FlagKind = kind;
        c->FlagResult = result;
        c->FlagLeft = left;
        c->FlagRight = right;
    }

    /// <summary>CF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Carry(CpuContext* c) => c->FlagKind switch
    {
        FlagKind.Subtract => c->FlagLeft < c->FlagRight,
        FlagKind.Logic => false,
        FlagKind.Add => c->FlagResult < c->FlagLeft,
        FlagKind.Explicit => (c->FlagResult & Bits.Carry) != 0,
        FlagKind.AddCarry => c->FlagResult <= c->FlagLeft,
        FlagKind.SubtractBorrow => c->FlagLeft <= c->FlagRight,
        FlagKind.Given => (c->FlagRight & Bits.Carry) != 0,
        _ => c->FlagRight != 0,
    };

    /// <summary>ZF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Zero(CpuContext* c)
        => c->FlagKind == FlagKind.Explicit ? (c->FlagResult & Bits.Zero) != 0 : c->FlagResult == 0;

    /// <summary>SF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Sign(CpuContext* c)
        => c->FlagKind == FlagKind.Explicit ? (c->FlagResult & Bits.Sign) != 0 : (long)c->FlagResult < 0;

    /// <summary>OF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Overflow(CpuContext* c)
    {
        switch (c->FlagKind)
        {
            case FlagKind.Subtract or FlagKind.SubtractBorrow:
                return (long)((c->FlagLeft ^ c->FlagRight) & (c->FlagLeft ^ c->FlagResult)) < 0;
            case FlagKind.Add or FlagKind.AddCarry:
                return (long)((c->FlagLeft ^ c->FlagResult) & (c->FlagRight ^ c->FlagResult)) < 0;
            case FlagKind.Explicit:
                return (c->FlagResult & Bits.Overflow) != 0;
            case FlagKind.Increment:
                return (long)(~c->FlagLeft & c->FlagResult) < 0;
            case FlagKind.Decrement:
                return (long)(c->FlagLeft & ~c->FlagResult) < 0;
            case FlagKind.Given:
                return (c->FlagRight & Bits.Overflow) != 0;
            default:
                return false;
        }
    }

    /// <summary>PF.</summary>
    internal static bool Parity(CpuContext* c)
        => c->FlagKind == FlagKind.Explicit ? (c->FlagResult & Bits.Parity) != 0 : (BitOperations.PopCount((byte)c->FlagResult) & 1) == 0;

    /// <summary>A condition code as encoded in Jcc, SETcc and CMOVcc: 0 O, 1 NO, 2 B, 3 AE, 4 E, 5 NE, 6 BE, 7 A, 8 S, 9 NS, 10 P, 11 NP, 12 L, 13 GE, 14 LE, 15 G.</summary>
    internal static bool Condition(CpuContext* c, int condition)
    {
        bool holds;
        switch (condition >> 1)
        {
            case 0: holds = Overflow(c); break;
            case 1: holds = Carry(c); break;
            case 2: holds = Zero(c); break;
            case 3: holds = Zero(c) || Carry(c); break;
            case 4: holds = Sign(c); break;
            case 5: holds = Parity(c); break;
            case 6: holds = Sign(c) != Overflow(c); break;
            default: holds = Zero(c) || Sign(c) != Overflow(c); break;
        }

        return holds != ((condition & 1) != 0);
    }
}
