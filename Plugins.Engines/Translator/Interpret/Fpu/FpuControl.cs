using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>Control and status words, initialisation, waiting.</summary>
internal static unsafe class FpuControl
{
    /// <summary>Bit 6 of the control word always reads as one, bits 7, 13 to 15 as zero.</summary>
    private const ushort ControlFixed = 0x40;
    private const ushort ControlMask = 0x1f7f;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fldcw_m2byte, &LoadControl);
        table.Set(Code.Fnstcw_m2byte, &StoreControl);
        table.Set(Code.Fstcw_m2byte, &WaitStoreControl);
        table.Set(Code.Fnstsw_m2byte, &StoreStatus);
        table.Set(Code.Fstsw_m2byte, &WaitStoreStatus);
        table.Set(Code.Fnstsw_AX, &StoreStatusAx);
        table.Set(Code.Fstsw_AX, &WaitStoreStatusAx);
        table.Set(Code.Fnclex, &ClearExceptions);
        table.Set(Code.Fclex, &WaitClearExceptions);
        table.Set(Code.Fninit, &Initialize);
        table.Set(Code.Finit, &WaitInitialize);
        table.Set(Code.Wait, &Wait);

        // 8087 and 80287 leftovers that later processors ignore.
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Fneni, Code.Feni, Code.Fndisi, Code.Fdisi, Code.Fnsetpm, Code.Fsetpm])
            table.Set(code, &Nothing);
    }

    /// <summary>Enters a control word as a processor keeps it.</summary>
    internal static void SetControl(CpuContext* c, ushort value)
    {
        c->FpuControl = (ushort)((value & ControlMask) | ControlFixed);
        FpuUnit.UpdateSummary(c);
    }

    /// <summary>The status word with TOP in it.</summary>
    internal static ushort Status(CpuContext* c) => (ushort)(c->FpuStatus | (c->FpuTop << 11));

    private static StepResult LoadControl(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, 2, write: false, out ulong linear) || !cpu.Memory.Read(linear, out ushort value))
            return StepResult.Fault;
        SetControl(cpu.C, value);
        return StepResult.Next;
    }

    private static StepResult StoreControl(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Present(cpu) && Store(cpu, instruction, cpu.C->FpuControl) ? StepResult.Next : StepResult.Fault;

    private static StepResult WaitStoreControl(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? StoreControl(cpu, instruction) : StepResult.Fault;

    private static StepResult StoreStatus(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Present(cpu) && Store(cpu, instruction, Status(cpu.C)) ? StepResult.Next : StepResult.Fault;

    private static StepResult WaitStoreStatus(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? StoreStatus(cpu, instruction) : StepResult.Fault;

    private static bool Store(TranslatorCpu cpu, in Instruction instruction, ushort value)
        => Operands.Linear(cpu, instruction, 2, write: true, out ulong linear) && cpu.Memory.Write(linear, value);

    private static StepResult StoreStatusAx(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Present(cpu))
            return StepResult.Fault;
        *(ushort*)cpu.C->Gpr = Status(cpu.C);
        return StepResult.Next;
    }

    private static StepResult WaitStoreStatusAx(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? StoreStatusAx(cpu, instruction) : StepResult.Fault;

    private static StepResult ClearExceptions(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Present(cpu))
            return StepResult.Fault;
        cpu.C->FpuStatus &= FpuWords.Conditions;
        return StepResult.Next;
    }

    private static StepResult WaitClearExceptions(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? ClearExceptions(cpu, instruction) : StepResult.Fault;

    private static StepResult Initialize(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Present(cpu))
            return StepResult.Fault;
        FpuUnit.Initialize(cpu.C);
        return StepResult.Next;
    }

    private static StepResult WaitInitialize(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? Initialize(cpu, instruction) : StepResult.Fault;

    /// <summary>FWAIT heeds CR0.TS only together with CR0.MP, and not CR0.EM (SDM volume 3, table 2-2).</summary>
    private static StepResult Wait(TranslatorCpu cpu, in Instruction instruction)
    {
        const ulong Both = Bits.Cr0MonitorCoprocessor | Bits.Cr0TaskSwitched;
        if ((cpu.C->Cr0 & Both) == Both)
            return cpu.Raise(Vectors.DeviceNotAvailable);
        return (cpu.C->FpuStatus & FpuWords.ErrorSummary) != 0 ? cpu.Raise(Vectors.FpuError) : StepResult.Next;
    }

    private static StepResult Nothing(TranslatorCpu cpu, in Instruction instruction) => FpuUnit.Present(cpu) ? StepResult.Next : StepResult.Fault;
}
