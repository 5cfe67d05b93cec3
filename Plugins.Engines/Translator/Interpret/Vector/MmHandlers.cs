using System.Runtime.Intrinsics;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Handlers for mm forms: the operation works on the low halves of two vectors whose upper halves are zero.</summary>
internal static unsafe class MmHandlers
{
    /// <summary>mm, mm/m64.</summary>
    internal static StepResult Binary<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
        => Part<TOperation, ulong>(cpu, instruction);

    /// <summary>mm, mm/mN.</summary>
    internal static StepResult Part<TOperation, TMemory>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
        where TMemory : unmanaged
    {
        if (!MmState.Ready(cpu) || !MmState.ReadSource<TMemory>(cpu, instruction, out ulong source))
            return StepResult.Fault;
        ulong destination = MmState.Read(cpu, instruction.Op0Register);
        Vector128<byte> result = TOperation.Apply(Vector128.CreateScalar(destination).AsByte(), Vector128.CreateScalar(source).AsByte());
        MmState.Write(cpu, instruction.Op0Register, result.AsUInt64().ToScalar());
        return StepResult.Next;
    }

    /// <summary>mm, imm8 for shifts.</summary>
    internal static StepResult Shift<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IBinaryOperation
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        ulong destination = MmState.Read(cpu, instruction.Op0Register);
        Vector128<byte> result = TOperation.Apply(
            Vector128.CreateScalar(destination).AsByte(), Vector128.CreateScalar((ulong)instruction.Immediate8).AsByte());
        MmState.Write(cpu, instruction.Op0Register, result.AsUInt64().ToScalar());
        return StepResult.Next;
    }
}
