using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>
/// The bodies of the interpreter's switch for arithmetic, one per operand form, specialised by the JIT on operation and width. The memory forms
/// answer false for a fault.
/// </summary>
internal static unsafe class Alu
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Address(ulong* gpr, MicroOp* op)
        => gpr[op->Base] + (gpr[op->Index] << op->Scale) + (ulong)op->Displacement + gpr[op->Segment];

    /// <summary>The TLB entry that an address would be in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TlbEntry* Entry(CpuContext* c, ulong linear)
        => (TlbEntry*)((byte*)c->Tlb + ((linear >> 7) & ((TlbEntry.Count - 1) << 5)));

    /// <summary>The tag that an access of this size must find: only an access within one page has its page's tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Tag(ulong linear, int bytes) => (linear + (ulong)bytes - 1) & ~0xfffUL;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetFlags<TOperation>(CpuContext* c, ulong result, ulong left, ulong right)
        where TOperation : struct, IOperation
    {
        c->FlagKind = TOperation.Kind;
        c->FlagResult = result;
        if (TOperation.Kind != FlagKind.Logic)
        {
            c->FlagLeft = left;
            c->FlagRight = right;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Apply<TOperation, TWidth>(CpuContext* c, ulong left, ulong right)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong result = TWidth.Extend(TOperation.Compute(left, right));
        SetFlags<TOperation>(c, result, left, right);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void RR<TOperation, TWidth>(CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong result = Apply<TOperation, TWidth>(c, TWidth.Extend(gpr[op->Destination]), TWidth.Extend(gpr[op->Source]));
        if (TOperation.Writes)
            TWidth.Write(gpr + op->Destination, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void RI<TOperation, TWidth>(CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong result = Apply<TOperation, TWidth>(c, TWidth.Extend(gpr[op->Destination]), (ulong)op->Immediate);
        if (TOperation.Writes)
            TWidth.Write(gpr + op->Destination, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool RM<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong linear = Address(gpr, op);
        TlbEntry* entry = Entry(c, linear);
        ulong right;
        if (Tag(linear, TWidth.Bytes) == entry->ReadTag)
        {
            right = TWidth.Load((byte*)linear + entry->Addend);
        }
        else
        {
            if (!cpu.LoadSlow(linear, TWidth.Bytes, op))
                return false;
            right = TWidth.Extend(c->Scratch);
        }

        ulong result = Apply<TOperation, TWidth>(c, TWidth.Extend(gpr[op->Destination]), right);
        if (TOperation.Writes)
            TWidth.Write(gpr + op->Destination, result);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MR<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
        => Memory<TOperation, TWidth>(cpu, c, gpr, op, TWidth.Extend(gpr[op->Source]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MI<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
        => Memory<TOperation, TWidth>(cpu, c, gpr, op, (ulong)op->Immediate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Memory<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op, ulong right)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong linear = Address(gpr, op);
        TlbEntry* entry = Entry(c, linear);
        if (Tag(linear, TWidth.Bytes) == (TOperation.Writes ? entry->WriteTag : entry->ReadTag))
        {
            byte* host = (byte*)linear + entry->Addend;
            ulong result = Apply<TOperation, TWidth>(c, TWidth.Load(host), right);
            if (TOperation.Writes)
                TWidth.Store(host, result);
            return true;
        }

        if (TOperation.Writes)
        {
            // A page without write permission must fault as a write, before the read has any effect.
            if (!cpu.LoadForUpdateSlow(linear, TWidth.Bytes, op))
                return false;
            ulong left = TWidth.Extend(c->Scratch);
            ulong result = TWidth.Extend(TOperation.Compute(left, right));
            if (!cpu.StoreSlow(linear, result, TWidth.Bytes, op))
                return false;
            SetFlags<TOperation>(c, result, left, right);
            return true;
        }

        if (!cpu.LoadSlow(linear, TWidth.Bytes, op))
            return false;
        Apply<TOperation, TWidth>(c, TWidth.Extend(c->Scratch), right);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool RRIf<TOperation, TWidth>(CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
        => Decide<TOperation, TWidth>(c, op->Condition, TWidth.Extend(gpr[op->Destination]), TWidth.Extend(gpr[op->Source]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool RIIf<TOperation, TWidth>(CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
        => Decide<TOperation, TWidth>(c, op->Condition, TWidth.Extend(gpr[op->Destination]), (ulong)(int)op->Immediate);

    /// <summary>1 taken, 0 not taken, -1 fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int MIIf<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        if (!LoadOperand<TWidth>(cpu, c, gpr, op))
            return -1;
        return Decide<TOperation, TWidth>(c, op->Condition, TWidth.Extend(c->Scratch), (ulong)(int)op->Immediate) ? 1 : 0;
    }

    /// <summary>1 taken, 0 not taken, -1 fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int RMIf<TOperation, TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        if (!LoadOperand<TWidth>(cpu, c, gpr, op))
            return -1;
        return Decide<TOperation, TWidth>(c, op->Condition, TWidth.Extend(gpr[op->Destination]), TWidth.Extend(c->Scratch)) ? 1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool LoadOperand<TWidth>(TranslatorCpu cpu, CpuContext* c, ulong* gpr, MicroOp* op)
        where TWidth : struct, IWidth
    {
        ulong linear = Address(gpr, op);
        TlbEntry* entry = Entry(c, linear);
        if (Tag(linear, TWidth.Bytes) != entry->ReadTag)
            return cpu.LoadSlow(linear, TWidth.Bytes, op);
        c->Scratch = TWidth.Load((byte*)linear + entry->Addend);
        return true;
    }

    /// <summary>Sets the flags of a comparison and evaluates a condition on them without going through the flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Decide<TOperation, TWidth>(CpuContext* c, int condition, ulong left, ulong right)
        where TOperation : struct, IOperation
        where TWidth : struct, IWidth
    {
        ulong result = Apply<TOperation, TWidth>(c, left, right);
        if (TOperation.Kind == FlagKind.Logic)
        {
            // Carry and overflow are clear, so that unsigned conditions ask for zero and signed ones for the sign.
            left = result;
            right = 0;
        }

        switch (condition)
        {
            case 2: return left < right;
            case 3: return left >= right;
            case 4: return result == 0;
            case 5: return result != 0;
            case 6: return left <= right;
            case 7: return left > right;
            case 8: return (long)result < 0;
            case 9: return (long)result >= 0;
            case 12: return (long)left < (long)right;
            case 13: return (long)left >= (long)right;
            case 14: return (long)left <= (long)right;
            case 15: return (long)left > (long)right;
            default: return Flags.Condition(c, condition);
        }
    }
}
