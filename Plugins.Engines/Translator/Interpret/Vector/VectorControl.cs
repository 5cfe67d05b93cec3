using Hospes.Engines.Translator.Interpret.System;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>MXCSR and the memory fences.</summary>
internal static unsafe class VectorControl
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Ldmxcsr_m32, &Load);
        table.Set(Code.Stmxcsr_m32, &Store);

        // The low three bits of a fence's ModRM byte are ignored; the decoder names each form.
        for (Code code = Code.Lfence; code <= Code.Lfence_EF; code++)
            table.Set(code, &Fence);
        for (Code code = Code.Mfence; code <= Code.Mfence_F7; code++)
            table.Set(code, &Fence);
        for (Code code = Code.Sfence; code <= Code.Sfence_FF; code++)
            table.Set(code, &Fence);
    }

    /// <summary>LDMXCSR; a reserved bit is #GP(0).</summary>
    private static StepResult Load(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !Operands.Linear(cpu, instruction, 4, write: false, out ulong linear)
            || !cpu.Memory.Read(linear, out uint value))
            return StepResult.Fault;
        if ((value & ~Fxsave.MxcsrMask) != 0)
            return cpu.GeneralProtection();
        cpu.C->Mxcsr = value;
        return StepResult.Next;
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && Operands.Linear(cpu, instruction, 4, write: true, out ulong linear) && cpu.Memory.Write(linear, cpu.C->Mxcsr)
            ? StepResult.Next : StepResult.Fault;

    private static StepResult Fence(TranslatorCpu cpu, in Instruction instruction)
    {
        Thread.MemoryBarrier();
        return StepResult.Next;
    }
}
