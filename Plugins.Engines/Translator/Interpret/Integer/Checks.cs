using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>BOUND, and the instructions that are undefined by definition: UD0 UD1 UD2.</summary>
internal static unsafe class Checks
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Bound_r16_m1616, &Bound<ushort>);
        table.Set(Code.Bound_r32_m3232, &Bound<uint>);
        ReadOnlySpan<Code> undefined =
        [
            Code.Ud0, Code.Ud0_r16_rm16, Code.Ud0_r32_rm32, Code.Ud0_r64_rm64, Code.Ud1_r16_rm16, Code.Ud1_r32_rm32, Code.Ud1_r64_rm64, Code.Ud2,
        ];
        foreach (Code form in undefined)
            table.Set(form, &Undefined);
    }

    private static StepResult Undefined(TranslatorCpu cpu, in Instruction instruction) => cpu.InvalidOpcode();

    private static StepResult Bound<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!Operands.Linear(cpu, instruction, sizeof(T) * 2, write: false, out ulong linear)
            || !Sized.ReadMemory<T>(cpu, linear, out ulong lower)
            || !Sized.ReadMemory<T>(cpu, (uint)(linear + (ulong)sizeof(T)), out ulong upper))
            return StepResult.Fault;
        long index = (long)Sized.Sign<T>(Sized.ReadRegister<T>(cpu.C, instruction.Op0Register));
        return index < (long)Sized.Sign<T>(lower) || index > (long)Sized.Sign<T>(upper) ? cpu.Raise(Vectors.BoundRange) : StepResult.Next;
    }
}
