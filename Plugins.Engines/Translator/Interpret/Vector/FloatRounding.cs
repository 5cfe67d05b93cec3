using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>ROUNDSS, ROUNDSD, ROUNDPS, ROUNDPD. Immediate: bits 1-0 the mode, bit 2 MXCSR's instead, bit 3 no inexact exception.</summary>
internal static unsafe class FloatRounding
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Roundss_xmm_xmmm32_imm8, &Single);
        table.Set(Code.Roundsd_xmm_xmmm64_imm8, &Double);
        table.Set(Code.Roundps_xmm_xmmm128_imm8, &Singles);
        table.Set(Code.Roundpd_xmm_xmmm128_imm8, &Doubles);
    }

    private static StepResult Single(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && VectorState.ReadPart<uint>(cpu, instruction, out Vector128<byte> source)
            ? Singles(cpu, instruction, source, 1) : StepResult.Fault;

    private static StepResult Double(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && VectorState.ReadPart<ulong>(cpu, instruction, out Vector128<byte> source)
            ? Doubles(cpu, instruction, source, 1) : StepResult.Fault;

    private static StepResult Singles(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && VectorState.ReadSource(cpu, instruction, out Vector128<byte> source)
            ? Singles(cpu, instruction, source, 4) : StepResult.Fault;

    private static StepResult Doubles(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && VectorState.ReadSource(cpu, instruction, out Vector128<byte> source)
            ? Doubles(cpu, instruction, source, 2) : StepResult.Fault;

    private static StepResult Singles(TranslatorCpu cpu, in Instruction instruction, Vector128<byte> source, int count)
    {
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        byte immediate = instruction.Immediate8;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        Vector128<byte> result = *destination;
        for (int i = 0; i < count; i++)
            ((uint*)&result)[i] = (uint)Round<Binary32>(((uint*)&source)[i], immediate, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    private static StepResult Doubles(TranslatorCpu cpu, in Instruction instruction, Vector128<byte> source, int count)
    {
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        byte immediate = instruction.Immediate8;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        Vector128<byte> result = *destination;
        for (int i = 0; i < count; i++)
            ((ulong*)&result)[i] = Round<Binary64>(((ulong*)&source)[i], immediate, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    private static ulong Round<TFormat>(ulong value, byte immediate, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        Rounding rounding = (immediate & 4) != 0 ? environment.Rounding : (Rounding)(immediate & 3);
        return SoftFloat.RoundToIntegral<TFormat>(value, rounding, (immediate & 8) != 0, ref environment);
    }
}
