using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Blends under the sign bits of xmm0, and PTEST.</summary>
internal static unsafe class VariableBlends
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pblendvb_xmm_xmmm128, &BlendBytes);
        table.Set(Code.Blendvps_xmm_xmmm128, &BlendSingles);
        table.Set(Code.Blendvpd_xmm_xmmm128, &BlendDoubles);
        table.Set(Code.Ptest_xmm_xmmm128, &Test);
    }

    private static StepResult BlendBytes(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = Sse41.BlendVariable(*destination, source, *(Vector128<byte>*)cpu.C->Vector);
        return StepResult.Next;
    }

    private static StepResult BlendSingles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = Sse41.BlendVariable(destination->AsSingle(), source.AsSingle(), *(Vector128<float>*)cpu.C->Vector).AsByte();
        return StepResult.Next;
    }

    private static StepResult BlendDoubles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = Sse41.BlendVariable(destination->AsDouble(), source.AsDouble(), *(Vector128<double>*)cpu.C->Vector).AsByte();
        return StepResult.Next;
    }

    private static StepResult Test(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte> destination = *VectorState.Xmm(cpu, instruction.Op0Register);
        uint flags = (destination & source) == Vector128<byte>.Zero ? Bits.Zero : 0;
        if (Vector128.AndNot(source, destination) == Vector128<byte>.Zero)
            flags |= Bits.Carry;
        Flags.SetArithmetic(cpu.C, flags);
        return StepResult.Next;
    }
}
