using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>HLT, CLI, STI, CLAC, STAC, CPUID, time-stamp counter, random numbers, RDPID, MSRs.</summary>
internal static unsafe class ProcessorInstructions
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Hlt, &Halt);
        table.Set(Code.Cli, &ClearInterrupts);
        table.Set(Code.Sti, &SetInterrupts);
        table.Set(Code.Clac, &ClearAccess);
        table.Set(Code.Stac, &SetAccess);
        table.Set(Code.Cpuid, &Cpuid);
        table.Set(Code.Serialize, &Serialize);
        table.Set(Code.Rdtsc, &ReadTimestamp);
        table.Set(Code.Rdtscp, &ReadTimestampAndProcessor);
        table.Set(Code.Rdpid_r32, &ReadProcessorId);
        table.Set(Code.Rdpid_r64, &ReadProcessorId);
        table.Set(Code.Rdmsr, &ReadMsr);
        table.Set(Code.Wrmsr, &WriteMsr);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Rdrand_r16, Code.Rdrand_r32, Code.Rdrand_r64, Code.Rdseed_r16, Code.Rdseed_r32, Code.Rdseed_r64])
            table.Set(code, &Random);
    }

    private static StepResult Halt(TranslatorCpu cpu, in Instruction i)
    {
        if (cpu.C->Cpl != 0)
            return cpu.GeneralProtection();
        cpu.C->IsHalted = true;
        return StepResult.Leave;
    }

    private static bool MayChangeInterrupts(CpuContext* c) => c->Cpl <= (int)((c->SystemFlags & Bits.IoPrivilege) >> 12);

    private static StepResult ClearInterrupts(TranslatorCpu cpu, in Instruction i)
    {
        if (!MayChangeInterrupts(cpu.C))
            return cpu.GeneralProtection();
        cpu.C->SystemFlags &= ~Bits.Interrupt;
        return StepResult.Next;
    }

    private static StepResult SetInterrupts(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (!MayChangeInterrupts(c))
            return cpu.GeneralProtection();
        if ((c->SystemFlags & Bits.Interrupt) == 0)
            c->InterruptShadow = true;
        c->SystemFlags |= Bits.Interrupt;
        return StepResult.Leave;
    }

    private static StepResult ClearAccess(TranslatorCpu cpu, in Instruction i) => Access(cpu, 0);

    private static StepResult SetAccess(TranslatorCpu cpu, in Instruction i) => Access(cpu, Bits.AlignmentCheck);

    private static StepResult Access(TranslatorCpu cpu, uint flag)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.InvalidOpcode();
        c->SystemFlags = (c->SystemFlags & ~Bits.AlignmentCheck) | flag;
        cpu.Memory.SelectTlb();
        return StepResult.Next;
    }

    private static StepResult Cpuid(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        var leaf = (uint)c->Gpr[0];
        var subleaf = (uint)c->Gpr[1];
        Sdk.Engines.CpuidRegisters answer = cpu.Host.Cpuid(leaf, subleaf, CpuidModel.Leaf(leaf, subleaf, cpu));
        c->Gpr[0] = answer.Eax;
        c->Gpr[3] = answer.Ebx;
        c->Gpr[1] = answer.Ecx;
        c->Gpr[2] = answer.Edx;
        return StepResult.Next;
    }

    // The next block is looked up, and by then everything that was asked of this CPU is done.
    private static StepResult Serialize(TranslatorCpu cpu, in Instruction i) => StepResult.Leave;

    private static bool TimestampAllowed(CpuContext* c)
        => c->Cpl == 0 || (c->Cr4 & Bits.Cr4TimeStampDisable) == 0;

    private static StepResult ReadTimestamp(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (!TimestampAllowed(c))
            return cpu.GeneralProtection();
        ulong now = cpu.Host.ReadTimestamp() + c->TscOffset;
        c->Gpr[0] = (uint)now;
        c->Gpr[2] = now >> 32;
        return StepResult.Next;
    }

    private static StepResult ReadTimestampAndProcessor(TranslatorCpu cpu, in Instruction i)
    {
        StepResult result = ReadTimestamp(cpu, i);
        if (result == StepResult.Next)
            cpu.C->Gpr[1] = (uint)cpu.C->TscAux;
        return result;
    }

    private static StepResult ReadProcessorId(TranslatorCpu cpu, in Instruction i)
    {
        Registers.Write(cpu.C, i.Op0Register, (uint)cpu.C->TscAux);
        return StepResult.Next;
    }

    private static StepResult Random(TranslatorCpu cpu, in Instruction i)
    {
        bool random = HostRandom.TryNext(out ulong value);
        Registers.Write(cpu.C, i.Op0Register, value);
        Flags.SetArithmetic(cpu.C, random ? Bits.Carry : 0);
        return StepResult.Next;
    }

    private static StepResult ReadMsr(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        if (!MsrAccess.TryRead(cpu, (uint)c->Gpr[1], out ulong value))
            return cpu.GeneralProtection();
        c->Gpr[0] = (uint)value;
        c->Gpr[2] = value >> 32;
        return StepResult.Next;
    }

    private static StepResult WriteMsr(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        ulong value = (uint)c->Gpr[0] | (c->Gpr[2] << 32);
        return MsrAccess.TryWrite(cpu, (uint)c->Gpr[1], value) ? StepResult.Leave : cpu.GeneralProtection();
    }
}
