using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>IRET in its three sizes (Intel SDM volume 2). Returns to a nested task raise #GP: there are no hardware tasks here.</summary>
internal static unsafe class InterruptReturn
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Iretw, &Word);
        table.Set(Code.Iretd, &Doubleword);
        table.Set(Code.Iretq, &Quadword);
    }

    private static StepResult Word(TranslatorCpu cpu, in Instruction i) => Return(cpu, 2);

    private static StepResult Doubleword(TranslatorCpu cpu, in Instruction i) => Return(cpu, 4);

    private static StepResult Quadword(TranslatorCpu cpu, in Instruction i) => Return(cpu, 8);

    private static StepResult Return(TranslatorCpu cpu, int size)
    {
        CpuContext* c = cpu.C;
        bool protectedMode = (c->Cr0 & Bits.Cr0ProtectionEnable) != 0;
        var stack = new StackView(cpu, size);
        if (protectedMode && (c->SystemFlags & Bits.Virtual8086) != 0 && (c->SystemFlags & Bits.IoPrivilege) != Bits.IoPrivilege)
            return cpu.GeneralProtection();
        if (!stack.Pop(out ulong rip) || !stack.Pop(out ulong cs) || !stack.Pop(out ulong flags))
            return StepResult.Fault;
        if (!protectedMode || (c->SystemFlags & Bits.Virtual8086) != 0)
        {
            stack.Commit();
            Descriptors.LoadReal(cpu, Iced.Intel.Register.CS, (ushort)cs);
            c->Rip = size == 2 ? (ushort)rip : rip;
            const uint Untouched = Bits.Virtual8086 | Bits.VirtualInterrupt | Bits.VirtualInterruptPending;
            uint keep = Untouched | (protectedMode ? Bits.IoPrivilege : 0);
            SetFlags(cpu, (uint)flags, size, ~keep);
            c->NmiBlocked = false;
            return StepResult.Leave;
        }

        if ((c->SystemFlags & Bits.NestedTask) != 0)
            return cpu.GeneralProtection();
        if ((flags & Bits.Virtual8086) != 0 && c->Cpl == 0 && (c->Efer & Bits.EferLongModeActive) == 0 && size == 4)
            return ToVirtual8086(cpu, ref stack, rip, cs, flags);
        return Protected(cpu, ref stack, size, rip, (ushort)cs, flags);
    }

    private static StepResult Protected(TranslatorCpu cpu, ref StackView stack, int size, ulong rip, ushort selector, ulong flags)
    {
        CpuContext* c = cpu.C;
        int target = selector & 3;
        StepResult loaded = FarTransfers.CheckReturn(cpu, selector, rip, out Segment code);
        if (loaded != StepResult.Next)
            return loaded;

        bool longMode = (c->Efer & Bits.EferLongModeActive) != 0;
        bool outer = target > c->Cpl;
        ulong rsp = 0;
        ulong ss = 0;
        Segment stackSegment = c->Ss;
        bool switches = outer || c->Mode == CpuMode.Code64;
        if (switches)
        {
            if (!stack.Pop(out rsp) || !stack.Pop(out ss))
                return StepResult.Fault;
            StepResult checkedStack = FarTransfers.CheckOuterStack(cpu, (ushort)ss, target, longMode && (code.Attributes & Segment.Long) != 0, out stackSegment);
            if (checkedStack != StepResult.Next)
                return checkedStack;
        }

        uint changeable = ~0u;
        if (c->Cpl > 0)
            changeable &= ~Bits.IoPrivilege;
        if (c->Cpl > (int)((c->SystemFlags & Bits.IoPrivilege) >> 12))
            changeable &= ~Bits.Interrupt;
        changeable &= ~(Bits.Virtual8086 | (c->Cpl > 0 ? Bits.VirtualInterrupt | Bits.VirtualInterruptPending : 0));
        if (switches)
        {
            c->Ss = stackSegment;
            if ((code.Attributes & Segment.Long) != 0 && longMode)
                c->Gpr[4] = rsp;
            else if ((stackSegment.Attributes & Segment.Big) != 0)
                c->Gpr[4] = (uint)rsp;
            else
                Registers.Write(c, Iced.Intel.Register.SP, rsp);
        }
        else
        {
            stack.Commit();
        }

        c->Cs = code;
        c->Rip = rip;
        SetFlags(cpu, (uint)flags, size, changeable);
        if (outer)
            FarTransfers.DropPrivilegedSegments(cpu, target);
        c->NmiBlocked = false;
        return StepResult.Leave;
    }

    private static StepResult ToVirtual8086(TranslatorCpu cpu, ref StackView stack, ulong rip, ulong cs, ulong flags)
    {
        CpuContext* c = cpu.C;
        if (!stack.Pop(out ulong esp) || !stack.Pop(out ulong ss) || !stack.Pop(out ulong es) || !stack.Pop(out ulong ds)
            || !stack.Pop(out ulong fs) || !stack.Pop(out ulong gs))
            return StepResult.Fault;
        SetFlags(cpu, (uint)flags, 4, ~0u);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.CS, (ushort)cs);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.SS, (ushort)ss);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.ES, (ushort)es);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.DS, (ushort)ds);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.FS, (ushort)fs);
        Descriptors.LoadReal(cpu, Iced.Intel.Register.GS, (ushort)gs);
        c->Gpr[4] = esp;
        c->Rip = (ushort)rip;
        c->NmiBlocked = false;
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    /// <summary>Replaces the flags that <paramref name="changeable"/> allows; a 16-bit return leaves the upper half.</summary>
    private static void SetFlags(TranslatorCpu cpu, uint flags, int size, uint changeable)
    {
        CpuContext* c = cpu.C;
        const uint Defined = Bits.Trap | Bits.Interrupt | Bits.Direction | Bits.IoPrivilege | Bits.NestedTask | Bits.Resume | Bits.Virtual8086
            | Bits.AlignmentCheck | Bits.VirtualInterrupt | Bits.VirtualInterruptPending | Bits.Identification;
        uint mask = Defined & changeable & (size == 2 ? 0xffffu : ~0u);
        c->SystemFlags = (c->SystemFlags & ~mask) | (flags & mask);
        if (!cpu.Memory.Breakpoints.HasCode)
            c->SystemFlags &= ~Bits.Resume; // nothing else asks for it, or would clear it after the next instruction
        Flags.SetArithmetic(c, flags);
        cpu.UpdateMode();
    }
}
