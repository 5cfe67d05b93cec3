using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Control and debug registers, LMSW, SMSW, CLTS, INVLPG, INVPCID, cache invalidation (Intel SDM volume 3, section 2.5).</summary>
internal static unsafe class ControlRegisterInstructions
{
    private const ulong Cr0Known = Bits.Cr0ProtectionEnable | Bits.Cr0MonitorCoprocessor | Bits.Cr0Emulation | Bits.Cr0TaskSwitched
        | Bits.Cr0ExtensionType | Bits.Cr0NumericError | Bits.Cr0WriteProtect | Bits.Cr0AlignmentMask | (3UL << 29) | Bits.Cr0Paging;

    private const ulong GeneralDetect = 1 << 13; // DR7.GD
    private const ulong DebugAccess = 1 << 13; // DR6.BD

    private const ulong Cr4Known = 0x1 | 0x2 | Bits.Cr4TimeStampDisable | Bits.Cr4DebuggingExtensions | Bits.Cr4PageSizeExtensions
        | Bits.Cr4PhysicalAddressExtension | 0x40 | Bits.Cr4PageGlobal | Bits.Cr4PerformanceCounter | Bits.Cr4FxsrSse | Bits.Cr4SimdExceptions
        | Bits.Cr4FsGsBase | Bits.Cr4ProcessContext | Bits.Cr4Smep | Bits.Cr4Smap;

    // Bit 63 of what is loaded into CR3 while CR4.PCIDE is set.
    private const ulong KeepTranslations = 1UL << 63;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Mov_r32_cr, &ReadControl);
        table.Set(Code.Mov_r64_cr, &ReadControl);
        table.Set(Code.Mov_cr_r32, &WriteControl);
        table.Set(Code.Mov_cr_r64, &WriteControl);
        table.Set(Code.Mov_r32_dr, &ReadDebug);
        table.Set(Code.Mov_r64_dr, &ReadDebug);
        table.Set(Code.Mov_dr_r32, &WriteDebug);
        table.Set(Code.Mov_dr_r64, &WriteDebug);
        table.Set(Code.Clts, &ClearTaskSwitched);
        table.Set(Code.Lmsw_rm16, &LoadStatusWord);
        table.Set(Code.Lmsw_r32m16, &LoadStatusWord);
        table.Set(Code.Lmsw_r64m16, &LoadStatusWord);
        table.Set(Code.Smsw_rm16, &StoreStatusWord);
        table.Set(Code.Smsw_r32m16, &StoreStatusWord);
        table.Set(Code.Smsw_r64m16, &StoreStatusWord);
        table.Set(Code.Invlpg_m, &InvalidatePage);
        table.Set(Code.Invpcid_r32_m128, &InvalidateSpace);
        table.Set(Code.Invpcid_r64_m128, &InvalidateSpace);
        table.Set(Code.Wbinvd, &CacheHint);
        table.Set(Code.Invd, &CacheHint);
    }

    private static StepResult ReadControl(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        ulong value;
        switch (i.Op1Register)
        {
            case Iced.Intel.Register.CR0: value = c->Cr0; break;
            case Iced.Intel.Register.CR2: value = c->Cr2; break;
            case Iced.Intel.Register.CR3: value = c->Cr3; break;
            case Iced.Intel.Register.CR4: value = c->Cr4; break;
            case Iced.Intel.Register.CR8: value = cpu.Host.TaskPriority; break;
            default: return cpu.InvalidOpcode();
        }

        Registers.Write(c, i.Op0Register, value);
        return StepResult.Next;
    }

    private static StepResult WriteControl(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        ulong value = Registers.Read(c, i.Op1Register);
        switch (i.Op0Register)
        {
            case Iced.Intel.Register.CR0:
                return WriteCr0(cpu, value);
            case Iced.Intel.Register.CR2:
                c->Cr2 = value;
                return StepResult.Next;
            case Iced.Intel.Register.CR3:
                return WriteCr3(cpu, value);
            case Iced.Intel.Register.CR4:
                return WriteCr4(cpu, value);
            case Iced.Intel.Register.CR8:
                if (value > 15)
                    return cpu.GeneralProtection();
                cpu.Host.TaskPriority = (byte)value;
                return StepResult.Leave;
            default:
                return cpu.InvalidOpcode();
        }
    }

    private static StepResult WriteCr0(TranslatorCpu cpu, ulong value)
    {
        CpuContext* c = cpu.C;
        if (value >> 32 != 0)
            return cpu.GeneralProtection();
        value = (value & Cr0Known) | Bits.Cr0ExtensionType;
        bool paging = (value & Bits.Cr0Paging) != 0;
        bool noWriteThroughWithoutDisable = (value & (3UL << 29)) == 1UL << 29;
        if ((paging && (value & Bits.Cr0ProtectionEnable) == 0) || noWriteThroughWithoutDisable)
            return cpu.GeneralProtection();
        bool wasPaging = (c->Cr0 & Bits.Cr0Paging) != 0;
        if (paging && !wasPaging && (c->Efer & Bits.EferLongModeEnable) != 0)
        {
            if ((c->Cr4 & Bits.Cr4PhysicalAddressExtension) == 0 || (c->Cs.Attributes & Segment.Long) != 0)
                return cpu.GeneralProtection();
            c->Efer |= Bits.EferLongModeActive;
        }
        else if (!paging && wasPaging)
        {
            if (c->Mode == CpuMode.Code64 || (c->Cr4 & Bits.Cr4ProcessContext) != 0)
                return cpu.GeneralProtection();
            c->Efer &= ~Bits.EferLongModeActive;
        }

        ulong changed = c->Cr0 ^ value;
        c->Cr0 = value;
        if ((changed & (Bits.Cr0Paging | Bits.Cr0WriteProtect | Bits.Cr0ProtectionEnable)) != 0)
            cpu.Memory.FlushAll();
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static StepResult WriteCr3(TranslatorCpu cpu, ulong value)
    {
        CpuContext* c = cpu.C;
        bool keep = (c->Cr4 & Bits.Cr4ProcessContext) != 0 && (value & KeepTranslations) != 0;
        if ((c->Cr4 & Bits.Cr4ProcessContext) != 0)
            value &= ~KeepTranslations;
        c->Cr3 = value;
        cpu.Memory.EnterSpace(keep);
        return StepResult.Leave;
    }

    private static StepResult WriteCr4(TranslatorCpu cpu, ulong value)
    {
        CpuContext* c = cpu.C;
        if ((value & ~Cr4Known) != 0
            || ((c->Efer & Bits.EferLongModeActive) != 0 && (value & Bits.Cr4PhysicalAddressExtension) == 0))
            return cpu.GeneralProtection();
        if ((value & ~c->Cr4 & Bits.Cr4ProcessContext) != 0 && ((c->Efer & Bits.EferLongModeActive) == 0 || (c->Cr3 & 0xfff) != 0))
            return cpu.GeneralProtection();
        const ulong Mapping = Bits.Cr4PageSizeExtensions | Bits.Cr4PhysicalAddressExtension | Bits.Cr4PageGlobal | Bits.Cr4ProcessContext | Bits.Cr4Smep | Bits.Cr4Smap;
        ulong changed = c->Cr4 ^ value;
        c->Cr4 = value;
        if ((changed & Mapping) != 0)
            cpu.Memory.FlushAll();
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static int DebugNumber(CpuContext* c, Register register)
    {
        int number = register - Iced.Intel.Register.DR0;
        return number is 4 or 5 ? (c->Cr4 & Bits.Cr4DebuggingExtensions) != 0 ? -1 : number + 2 : number < 8 ? number : -1;
    }

    private static StepResult ReadDebug(TranslatorCpu cpu, in Instruction i)
    {
        int number = DebugNumber(cpu.C, i.Op1Register);
        if (number < 0)
            return cpu.InvalidOpcode();
        if (cpu.C->Cpl != 0)
            return cpu.GeneralProtection();
        if ((cpu.C->Debug[7] & GeneralDetect) != 0)
            return DetectAccess(cpu);
        Registers.Write(cpu.C, i.Op0Register, cpu.C->Debug[number]);
        return StepResult.Next;
    }

    private static StepResult WriteDebug(TranslatorCpu cpu, in Instruction i)
    {
        int number = DebugNumber(cpu.C, i.Op0Register);
        if (number < 0)
            return cpu.InvalidOpcode();
        ulong value = Registers.Read(cpu.C, i.Op1Register);
        if (cpu.C->Cpl != 0 || (number >= 6 && value >> 32 != 0))
            return cpu.GeneralProtection();
        if ((cpu.C->Debug[7] & GeneralDetect) != 0)
            return DetectAccess(cpu);
        cpu.C->Debug[number] = number switch
        {
            6 => (value & 0x1_e00f) | 0xffff_0ff0,
            7 => (value & 0xffff_2bff) | 0x400,
            _ => value,
        };
        cpu.UpdateBreakpoints();
        return StepResult.Leave;
    }

    private static StepResult DetectAccess(TranslatorCpu cpu)
    {
        cpu.C->Debug[7] &= ~GeneralDetect;
        cpu.C->Debug[6] |= DebugAccess;
        return cpu.Raise(Vectors.Debug);
    }

    private static StepResult ClearTaskSwitched(TranslatorCpu cpu, in Instruction i)
    {
        if (cpu.C->Cpl != 0)
            return cpu.GeneralProtection();
        cpu.C->Cr0 &= ~Bits.Cr0TaskSwitched;
        return StepResult.Next;
    }

    private static StepResult LoadStatusWord(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        if (!Operands.Read(cpu, i, 0, 2, out ulong value))
            return StepResult.Fault;
        ulong keep = c->Cr0 & ~(ulong)(0xe | (uint)(value & 1)); // LMSW can set PE but never clear it
        return WriteCr0(cpu, keep | (value & 0xf));
    }

    private static StepResult StoreStatusWord(TranslatorCpu cpu, in Instruction i)
    {
        int size = i.Op0Kind == OpKind.Register ? i.Op0Register.GetSize() : 2;
        return Operands.Write(cpu, i, 0, size, cpu.C->Cr0) ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult InvalidatePage(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        ulong linear = Operands.Offset(c, i) + (c->Mode != CpuMode.Code64 || i.MemorySegment is Iced.Intel.Register.FS or Iced.Intel.Register.GS
            ? cpu.BaseOf(i.MemorySegment) : 0);
        cpu.Memory.FlushPage(c->Mode == CpuMode.Code64 ? linear : (uint)linear);
        return StepResult.Leave;
    }

    private static StepResult InvalidateSpace(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        ulong kind = Registers.Read(c, i.Op0Register);
        if (!Operands.Linear(cpu, i, 16, write: false, out ulong at))
            return StepResult.Fault;
        if (!cpu.Memory.Read(at, out ulong number) || !cpu.Memory.Read(at + 8, out ulong linear))
            return StepResult.Fault;
        bool one = kind <= 1;
        if (kind > 3 || number >> 12 != 0 || (one && number != 0 && (c->Cr4 & Bits.Cr4ProcessContext) == 0) || (kind == 0 && !Operands.IsCanonical(linear)))
            return cpu.GeneralProtection();
        switch (kind)
        {
            case 0: cpu.Memory.FlushPageOf(number, linear); break;
            case 1: cpu.Memory.FlushSpace(number); break;
            case 2: cpu.Memory.FlushAll(); break;
            default: cpu.Memory.FlushNonGlobal(); break;
        }

        return StepResult.Leave;
    }

    private static StepResult CacheHint(TranslatorCpu cpu, in Instruction i) => cpu.C->Cpl != 0 ? cpu.GeneralProtection() : StepResult.Next;
}
