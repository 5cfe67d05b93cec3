using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Segment registers: MOV, PUSH, POP, LDS and its kin, the FS and GS base instructions, SWAPGS, LAR, LSL, VERR, VERW, ARPL.</summary>
internal static unsafe class SegmentInstructions
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Mov_rm16_Sreg, &Store);
        table.Set(Code.Mov_r32m16_Sreg, &Store);
        table.Set(Code.Mov_r64m16_Sreg, &Store);
        table.Set(Code.Mov_Sreg_rm16, &Load);
        table.Set(Code.Mov_Sreg_r32m16, &Load);
        table.Set(Code.Mov_Sreg_r64m16, &Load);
        foreach (Code code in Enum.GetValues<Code>())
        {
            switch (code.Mnemonic())
            {
                case Mnemonic.Push when code.ToOpCode().Op0Kind is OpCodeOperandKind.es or OpCodeOperandKind.cs or OpCodeOperandKind.ss
                    or OpCodeOperandKind.ds or OpCodeOperandKind.fs or OpCodeOperandKind.gs:
                    table.Set(code, &Push);
                    break;
                case Mnemonic.Pop when code.ToOpCode().Op0Kind is OpCodeOperandKind.es or OpCodeOperandKind.ss
                    or OpCodeOperandKind.ds or OpCodeOperandKind.fs or OpCodeOperandKind.gs:
                    table.Set(code, &Pop);
                    break;
                case Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss:
                    table.Set(code, &LoadFar);
                    break;
                case Mnemonic.Rdfsbase or Mnemonic.Rdgsbase:
                    table.Set(code, &ReadBase);
                    break;
                case Mnemonic.Wrfsbase or Mnemonic.Wrgsbase:
                    table.Set(code, &WriteBase);
                    break;
                case Mnemonic.Swapgs:
                    table.Set(code, &SwapGs);
                    break;
                case Mnemonic.Lar or Mnemonic.Lsl:
                    table.Set(code, &LoadAccessOrLimit);
                    break;
                case Mnemonic.Verr or Mnemonic.Verw:
                    table.Set(code, &Verify);
                    break;
                case Mnemonic.Arpl:
                    table.Set(code, &AdjustPrivilege);
                    break;
            }
        }
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction i)
    {
        ulong selector = cpu.SegmentOf(i.Op1Register)->Selector;
        int size = i.Op0Kind == OpKind.Register ? i.Op0Register.GetSize() : 2;
        return Operands.Write(cpu, i, 0, size, selector) ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult Load(TranslatorCpu cpu, in Instruction i)
    {
        if (i.Op0Register == Iced.Intel.Register.CS)
            return cpu.InvalidOpcode();
        return Operands.Read(cpu, i, 1, 2, out ulong selector) ? Loaded(cpu, i.Op0Register, (ushort)selector) : StepResult.Fault;
    }

    private static StepResult Loaded(TranslatorCpu cpu, Register register, ushort selector)
    {
        StepResult result = Descriptors.LoadData(cpu, register, selector);
        if (result != StepResult.Next || register != Iced.Intel.Register.SS)
            return result;
        cpu.UpdateMode();
        cpu.C->InterruptShadow = true;
        return StepResult.Leave;
    }

    private static int OperandSize(CpuContext* c, in Instruction i)
    {
        int size = i.StackPointerIncrement;
        return size < 0 ? -size : size;
    }

    private static StepResult Push(TranslatorCpu cpu, in Instruction i)
    {
        int size = OperandSize(cpu.C, i);
        var stack = new StackView(cpu, size);
        stack.Skip(unchecked((ulong)-size));
        if (!Operands.Linear(cpu, Iced.Intel.Register.SS, stack.Pointer, size, write: true, out ulong linear)
            || !Operands.WriteMemory(cpu, linear, size, cpu.SegmentOf(i.Op0Register)->Selector))
            return StepResult.Fault;
        stack.Commit();
        return StepResult.Next;
    }

    private static StepResult Pop(TranslatorCpu cpu, in Instruction i)
    {
        var stack = new StackView(cpu, OperandSize(cpu.C, i));
        if (!stack.Pop(out ulong value))
            return StepResult.Fault;
        StepResult result = Loaded(cpu, i.Op0Register, (ushort)value);
        if (result != StepResult.Fault)
            stack.Commit();
        return result;
    }

    private static StepResult LoadFar(TranslatorCpu cpu, in Instruction i)
    {
        Register segment = i.Mnemonic switch
        {
            Mnemonic.Lds => Iced.Intel.Register.DS,
            Mnemonic.Les => Iced.Intel.Register.ES,
            Mnemonic.Lfs => Iced.Intel.Register.FS,
            Mnemonic.Lgs => Iced.Intel.Register.GS,
            _ => Iced.Intel.Register.SS,
        };
        int size = Registers.Size(i.Op0Register);
        if (!Operands.Linear(cpu, i, size + 2, write: false, out ulong linear) || !Operands.ReadMemory(cpu, linear, size, out ulong offset)
            || !cpu.Memory.Read(linear + (ulong)size, out ushort selector))
            return StepResult.Fault;
        StepResult result = Loaded(cpu, segment, selector);
        if (result != StepResult.Fault)
            Registers.Write(cpu.C, i.Op0Register, offset);
        return result;
    }

    private static bool BaseInstructionsAllowed(CpuContext* c) => c->Mode == CpuMode.Code64 && (c->Cr4 & Bits.Cr4FsGsBase) != 0;

    private static StepResult ReadBase(TranslatorCpu cpu, in Instruction i)
    {
        if (!BaseInstructionsAllowed(cpu.C))
            return cpu.InvalidOpcode();
        int slot = i.Mnemonic == Mnemonic.Rdfsbase ? CpuContext.FsBaseSlot : CpuContext.GsBaseSlot;
        Registers.Write(cpu.C, i.Op0Register, cpu.C->Gpr[slot]);
        return StepResult.Next;
    }

    private static StepResult WriteBase(TranslatorCpu cpu, in Instruction i)
    {
        if (!BaseInstructionsAllowed(cpu.C))
            return cpu.InvalidOpcode();
        ulong value = Registers.Read(cpu.C, i.Op0Register);
        if (!Operands.IsCanonical(value))
            return cpu.GeneralProtection();
        cpu.C->Gpr[i.Mnemonic == Mnemonic.Wrfsbase ? CpuContext.FsBaseSlot : CpuContext.GsBaseSlot] = value;
        return StepResult.Next;
    }

    private static StepResult SwapGs(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Mode != CpuMode.Code64)
            return cpu.InvalidOpcode();
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        (c->Gpr[CpuContext.GsBaseSlot], c->KernelGsBase) = (c->KernelGsBase, c->Gpr[CpuContext.GsBaseSlot]);
        return StepResult.Next;
    }

    /// <summary>A descriptor that LAR, LSL, VERR or VERW may look at from the current privilege level. Null result: page fault.</summary>
    private static bool? Visible(TranslatorCpu cpu, ushort selector, out Segment segment, out ulong descriptor)
    {
        segment = default;
        if (!Descriptors.TryRead(cpu, selector, out descriptor, out _, out bool fault))
            return fault ? null : false;
        segment = Descriptors.Unpack(selector, descriptor);
        bool conforming = (segment.Attributes & (Segment.NotSystem | Segment.Code | Segment.Conforming))
            == (Segment.NotSystem | Segment.Code | Segment.Conforming);
        return conforming || (cpu.C->Cpl <= segment.PrivilegeLevel && (selector & 3) <= segment.PrivilegeLevel);
    }

    private static bool InProtectedMode(CpuContext* c)
        => (c->Cr0 & Bits.Cr0ProtectionEnable) != 0 && (c->SystemFlags & Bits.Virtual8086) == 0;

    private static void SetZero(CpuContext* c, bool zero)
        => Flags.SetArithmetic(c, (Flags.Arithmetic(c) & ~Bits.Zero) | (zero ? Bits.Zero : 0));

    private static StepResult LoadAccessOrLimit(TranslatorCpu cpu, in Instruction i)
    {
        if (!InProtectedMode(cpu.C))
            return cpu.InvalidOpcode();
        if (!Operands.Read(cpu, i, 1, 2, out ulong selector))
            return StepResult.Fault;
        bool? visible = Visible(cpu, (ushort)selector, out Segment segment, out ulong descriptor);
        if (visible is null)
            return StepResult.Fault;
        bool longMode = (cpu.C->Efer & Bits.EferLongModeActive) != 0;
        bool lsl = i.Mnemonic == Mnemonic.Lsl;
        int type = segment.Attributes & Segment.TypeMask;
        bool valid = visible.Value && ((segment.Attributes & Segment.NotSystem) != 0
            || type is 2 or 9 or 0xb || (!longMode && type is 1 or 3) || (!lsl && (type == 0xc || (!longMode && type is 4 or 5))));
        if (valid)
            Registers.Write(cpu.C, i.Op0Register, lsl ? segment.Limit : (descriptor >> 32) & 0x00ff_ff00);
        SetZero(cpu.C, valid);
        return StepResult.Next;
    }

    private static StepResult Verify(TranslatorCpu cpu, in Instruction i)
    {
        if (!InProtectedMode(cpu.C))
            return cpu.InvalidOpcode();
        if (!Operands.Read(cpu, i, 0, 2, out ulong selector))
            return StepResult.Fault;
        bool? visible = Visible(cpu, (ushort)selector, out Segment segment, out _);
        if (visible is null)
            return StepResult.Fault;
        bool isCode = (segment.Attributes & Segment.Code) != 0;
        bool can = visible.Value && (segment.Attributes & Segment.NotSystem) != 0 && (i.Mnemonic == Mnemonic.Verr
            ? !isCode || (segment.Attributes & Segment.ReadableCode) != 0
            : !isCode && (segment.Attributes & Segment.WritableData) != 0);
        SetZero(cpu.C, can);
        return StepResult.Next;
    }

    private static StepResult AdjustPrivilege(TranslatorCpu cpu, in Instruction i)
    {
        if (!InProtectedMode(cpu.C))
            return cpu.InvalidOpcode();
        if (!Operands.Read(cpu, i, 0, 2, out ulong destination) || !Operands.Read(cpu, i, 1, 2, out ulong source))
            return StepResult.Fault;
        bool raises = (destination & 3) < (source & 3);
        if (raises && !Operands.Write(cpu, i, 0, 2, (destination & ~3UL) | (source & 3)))
            return StepResult.Fault;
        SetZero(cpu.C, raises);
        return StepResult.Next;
    }
}
