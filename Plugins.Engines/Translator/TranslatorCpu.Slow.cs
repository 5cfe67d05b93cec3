using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator;

/// <summary>What the loop does when a TLB probe misses.</summary>
internal sealed unsafe partial class TranslatorCpu
{
    /// <summary>Reads 1 to 8 bytes, zero-extended, into the scratch slot. False: fault recorded.</summary>
    internal bool LoadSlow(ulong linear, int size, MicroOp* op)
    {
        C->Scratch = 0;
        return IsReachable(linear, size, op) && Memory.ReadSlow(linear, (byte*)&C->Scratch, size, Memory.CurrentAccess);
    }

    /// <summary>As <see cref="LoadSlow"/>, but faults as a write does.</summary>
    internal bool LoadForUpdateSlow(ulong linear, int size, MicroOp* op)
        => IsReachable(linear, size, op) && !Memory.WouldFault(linear, size, write: true) && LoadSlow(linear, size, op);

    /// <summary>Writes 1 to 8 bytes. False: fault recorded.</summary>
    internal bool StoreSlow(ulong linear, ulong value, int size, MicroOp* op)
        => IsReachable(linear, size, op) && Memory.WriteSlow(linear, (byte*)&value, size, Memory.CurrentAccess);

    /// <summary>Canonical addresses; the fast forms exist in 64-bit mode only.</summary>
    private bool IsReachable(ulong linear, int size, MicroOp* op)
    {
        if (Operands.IsCanonical(linear) && Operands.IsCanonical(linear + (ulong)size - 1))
            return true;
        bool stack = op->Code is OpKindCode.PushR or OpKindCode.PushI or OpKindCode.PopR or OpKindCode.Call or OpKindCode.CallR or OpKindCode.Return
            || (op->Base is 4 or 5 && op->Segment == CpuContext.ZeroSlot);
        Raise(stack ? Vectors.StackFault : Vectors.GeneralProtection, 0);
        return false;
    }
}
