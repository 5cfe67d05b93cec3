using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>SYSCALL, SYSRET, SYSENTER, SYSEXIT, INT n and its kin, VMCALL and VMMCALL (Intel SDM volume 2; fact sheet "Guest ABI", section 2).</summary>
internal static unsafe class SystemCalls
{
    private const ushort CodeLong = 0xa9b;
    private const ushort Code32 = 0xc9b;
    private const ushort Data32 = 0xc93;
    private const ushort User = 0x60;
    private const uint SysretFlags = 0x3c7fd7;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Syscall, &Syscall);
        table.Set(Code.Sysretd, &Sysret);
        table.Set(Code.Sysretq, &Sysret);
        table.Set(Code.Sysenter, &Sysenter);
        table.Set(Code.Sysexitd, &Sysexit);
        table.Set(Code.Sysexitq, &Sysexit);
        table.Set(Code.Int_imm8, &Interrupt);
        table.Set(Code.Int3, &Breakpoint);
        table.Set(Code.Into, &Overflow);
        table.Set(Code.Int1, &DebugTrap);
        table.Set(Code.Vmcall, &Hypercall);
        table.Set(Code.Vmmcall, &Hypercall);
    }

    private static StepResult Syscall(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Mode != CpuMode.Code64 || (c->Efer & Bits.EferSyscall) == 0)
            return cpu.InvalidOpcode();
        uint flags = Flags.All(c);
        c->Gpr[1] = c->Rip;
        c->Gpr[11] = flags;
        var selector = (ushort)((c->Star >> 32) & 0xfffc);
        c->Cs = Descriptors.Flat(selector, CodeLong);
        c->Ss = Descriptors.Flat((ushort)(selector + 8), Data32);
        c->Rip = c->Lstar;
        uint kept = flags & ~(uint)c->Sfmask & ~Bits.Resume;
        c->SystemFlags = kept & ~(Bits.Arithmetic | Bits.Fixed1);
        Flags.SetArithmetic(c, kept);
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static StepResult Sysret(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Mode != CpuMode.Code64 || (c->Efer & Bits.EferSyscall) == 0)
            return cpu.InvalidOpcode();
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        bool wide = i.Code == Code.Sysretq;
        if (wide && !Operands.IsCanonical(c->Gpr[1]))
            return cpu.GeneralProtection();
        var @base = (ushort)(c->Star >> 48);
        var selector = (ushort)((wide ? @base + 16 : @base) | 3);
        c->Cs = Descriptors.Flat(selector, (ushort)((wide ? CodeLong : Code32) | User));
        c->Ss = Descriptors.Flat((ushort)((@base + 8) | 3), Data32 | User);
        c->Rip = wide ? c->Gpr[1] : (uint)c->Gpr[1];
        uint flags = (uint)c->Gpr[11] & SysretFlags & ~Bits.Resume;
        c->SystemFlags = flags & ~(Bits.Arithmetic | Bits.Fixed1);
        Flags.SetArithmetic(c, flags);
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static StepResult Sysenter(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SysenterCs & 0xfffc) == 0)
            return cpu.GeneralProtection();
        bool longMode = (c->Efer & Bits.EferLongModeActive) != 0;
        var selector = (ushort)(c->SysenterCs & 0xfffc);
        c->SystemFlags &= ~(Bits.Virtual8086 | Bits.Interrupt);
        c->Cs = Descriptors.Flat(selector, longMode ? CodeLong : Code32);
        c->Ss = Descriptors.Flat((ushort)(selector + 8), Data32);
        c->Gpr[4] = longMode ? c->SysenterEsp : (uint)c->SysenterEsp;
        c->Rip = longMode ? c->SysenterEip : (uint)c->SysenterEip;
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static StepResult Sysexit(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SysenterCs & 0xfffc) == 0 || c->Cpl != 0)
            return cpu.GeneralProtection();
        bool wide = i.Code == Code.Sysexitq;
        if (wide && (!Operands.IsCanonical(c->Gpr[2]) || !Operands.IsCanonical(c->Gpr[1])))
            return cpu.GeneralProtection();
        int selector = (int)(c->SysenterCs & 0xfffc) + (wide ? 32 : 16);
        c->Cs = Descriptors.Flat((ushort)(selector | 3), (ushort)((wide ? CodeLong : Code32) | User));
        c->Ss = Descriptors.Flat((ushort)((selector + 8) | 3), Data32 | User);
        c->Gpr[4] = wide ? c->Gpr[1] : (uint)c->Gpr[1];
        c->Rip = wide ? c->Gpr[2] : (uint)c->Gpr[2];
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    private static StepResult Interrupt(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        bool v86 = (c->SystemFlags & Bits.Virtual8086) != 0;
        if (v86 && (c->SystemFlags & Bits.IoPrivilege) != Bits.IoPrivilege)
            return cpu.GeneralProtection();
        return EventDelivery.Software(cpu, i.Immediate8);
    }

    private static StepResult Breakpoint(TranslatorCpu cpu, in Instruction i) => EventDelivery.Software(cpu, Vectors.Breakpoint);

    private static StepResult Overflow(TranslatorCpu cpu, in Instruction i)
        => Flags.Overflow(cpu.C) ? EventDelivery.Software(cpu, Vectors.Overflow) : StepResult.Next;

    private static StepResult DebugTrap(TranslatorCpu cpu, in Instruction i)
    {
        // A trap: it returns to the next instruction, without the privilege check of INT n.
        cpu.C->InstructionStart = cpu.C->Rip;
        return cpu.Raise(Vectors.Debug);
    }

    private static StepResult Hypercall(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        bool is64 = c->Mode == CpuMode.Code64;
        HypercallFrame frame = is64
            ? new HypercallFrame
            {
                Number = c->Gpr[0],
                Argument1 = c->Gpr[7],
                Argument2 = c->Gpr[6],
                Argument3 = c->Gpr[2],
                Argument4 = c->Gpr[10],
                Argument5 = c->Gpr[8],
                Argument6 = c->Gpr[9],
            }
            : new HypercallFrame
            {
                Number = (uint)c->Gpr[0],
                Argument1 = (uint)c->Gpr[3],
                Argument2 = (uint)c->Gpr[1],
                Argument3 = (uint)c->Gpr[2],
                Argument4 = (uint)c->Gpr[6],
                Argument5 = (uint)c->Gpr[7],
                Argument6 = (uint)c->Gpr[5],
            };
        frame.Is64Bit = is64;
        frame.PrivilegeLevel = c->Cpl;
        frame.InterruptsDisabled = (c->SystemFlags & Bits.Interrupt) == 0;

        // A hypercall may wait for other CPUs, and they for this one: it is outside guest code meanwhile.
        cpu.LeaveGuest();
        cpu.Host.Hypercall(ref frame);
        cpu.EnterGuest();
        c->Gpr[0] = is64 ? (ulong)frame.Result : (uint)frame.Result;
        return StepResult.Leave;
    }
}
