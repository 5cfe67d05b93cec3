using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>FXSAVE and FXRSTOR (Intel SDM volume 2). XSAVE is not offered: nothing beyond their image exists yet.</summary>
internal static unsafe class StateInstructions
{
    private const int ImageSize = 512;
    private const int StoredBytes = 416;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fxsave_m512byte, &Save);
        table.Set(Code.Fxsave64_m512byte, &Save);
        table.Set(Code.Fxrstor_m512byte, &Restore);
        table.Set(Code.Fxrstor64_m512byte, &Restore);
    }

    private static StepResult Check(TranslatorCpu cpu, in Instruction i, bool write, out ulong linear)
    {
        CpuContext* c = cpu.C;
        linear = 0;
        if ((c->Cr0 & Bits.Cr0Emulation) != 0)
            return cpu.InvalidOpcode();
        if ((c->Cr0 & Bits.Cr0TaskSwitched) != 0)
            return cpu.Raise(Vectors.DeviceNotAvailable);
        if (!Operands.Linear(cpu, i, ImageSize, write, out linear))
            return StepResult.Fault;
        return (linear & 15) != 0 ? cpu.GeneralProtection() : StepResult.Next;
    }

    private static StepResult Save(TranslatorCpu cpu, in Instruction i)
    {
        StepResult allowed = Check(cpu, i, write: true, out ulong linear);
        if (allowed != StepResult.Next)
            return allowed;
        byte* image = stackalloc byte[ImageSize];
        Fxsave.Store(cpu.C, image, i.Code == Code.Fxsave64_m512byte);
        return cpu.Memory.WriteSlow(linear, image, StoredBytes, cpu.Memory.CurrentAccess) ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult Restore(TranslatorCpu cpu, in Instruction i)
    {
        StepResult allowed = Check(cpu, i, write: false, out ulong linear);
        if (allowed != StepResult.Next)
            return allowed;
        byte* image = stackalloc byte[ImageSize];
        if (!cpu.Memory.ReadSlow(linear, image, ImageSize, cpu.Memory.CurrentAccess))
            return StepResult.Fault;
        if ((*(uint*)(image + 24) & ~Fxsave.MxcsrMask) != 0)
            return cpu.GeneralProtection();
        Fxsave.Load(cpu.C, image, i.Code == Code.Fxrstor64_m512byte);
        return StepResult.Next;
    }
}
