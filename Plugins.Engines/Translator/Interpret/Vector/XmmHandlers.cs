using System.Runtime.Intrinsics;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Handlers for xmm forms that differ only in what they compute; one machine-code copy per operation.</summary>
internal static unsafe class XmmHandlers
{
    /// <summary>xmm, xmm/m128 (aligned).</summary>
    internal static StepResult Binary<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        if (instruction.Op1Kind == OpKind.Register)
        {
            *destination = TOperation.Apply(*destination, *VectorState.Xmm(cpu, instruction.Op1Register));
            return StepResult.Next;
        }

        if (!VectorState.ReadAligned(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        *destination = TOperation.Apply(*destination, source);
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m128 of any alignment.</summary>
    internal static StepResult Unaligned<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadUnaligned(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = TOperation.Apply(*destination, source);
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/mN with a memory operand of 2, 4 or 8 bytes (any alignment), of which the operation uses no more.</summary>
    internal static StepResult Part<TOperation, TMemory>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
        where TMemory : unmanaged
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<TMemory>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = TOperation.Apply(*destination, source);
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m128 (aligned), imm8.</summary>
    internal static StepResult Immediate<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IImmediateOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = TOperation.Apply(*destination, source, instruction.Immediate8);
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m128 of any alignment, imm8.</summary>
    internal static StepResult ImmediateUnaligned<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IImmediateOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadUnaligned(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = TOperation.Apply(*destination, source, instruction.Immediate8);
        return StepResult.Next;
    }

    /// <summary>xmm, imm8 for shifts: the immediate takes the place of a count operand.</summary>
    internal static StepResult Shift<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        *destination = TOperation.Apply(*destination, Vector128.CreateScalar((ulong)instruction.Immediate8).AsByte());
        return StepResult.Next;
    }
}
