using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// Instructions without an architectural effect here: NOP in all lengths, PAUSE, ENDBR, prefetches (never fault), RDSSP without shadow stacks. Cache
/// flushes translate their operand as a byte read would and do nothing more: guest memory is coherent.
/// </summary>
internal static unsafe class Hints
{
    internal static void Register(HandlerTable table)
    {
        ReadOnlySpan<Code> nothing =
        [
            Code.Nopw, Code.Nopd, Code.Nopq, Code.Nop_rm16, Code.Nop_rm32, Code.Nop_rm64, Code.Pause, Code.Endbr32, Code.Endbr64,
            Code.Rdsspd_r32, Code.Rdsspq_r64, Code.Cldemote_m8,
            Code.Prefetchnta_m8, Code.Prefetcht0_m8, Code.Prefetcht1_m8, Code.Prefetcht2_m8, Code.Prefetchit0_m8, Code.Prefetchit1_m8,
            Code.Prefetch_m8, Code.Prefetchw_m8, Code.Prefetchwt1_m8, Code.Prefetchreserved3_m8, Code.Prefetchreserved4_m8,
            Code.Prefetchreserved5_m8, Code.Prefetchreserved6_m8, Code.Prefetchreserved7_m8,
        ];
        foreach (Code form in nothing)
            table.Set(form, &Nothing);
        for (Code form = Code.Reservednop_rm16_r16_0F0D; form <= Code.Reservednop_rm64_r64_0F0D; form++)
            table.Set(form, &Nothing);
        for (Code form = Code.Reservednop_rm16_r16_0F18; form <= Code.Reservednop_rm64_r64_0F1F; form++)
            table.Set(form, &Nothing);
        table.Set(Code.Clflush_m8, &FlushLine);
        table.Set(Code.Clflushopt_m8, &FlushLine);
        table.Set(Code.Clwb_m8, &FlushLine);
    }

    private static StepResult Nothing(TranslatorCpu cpu, in Instruction instruction) => StepResult.Next;

    private static StepResult FlushLine(TranslatorCpu cpu, in Instruction instruction)
        => Operands.Linear(cpu, instruction, 1, write: false, out ulong linear) && !cpu.Memory.WouldFault(linear, 1, write: false)
            ? StepResult.Next
            : StepResult.Fault;
}
