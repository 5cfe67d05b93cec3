using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Decode;

/// <summary>Chooses an operation of the interpreter's switch for each instruction, or the handler when there is no faster way.</summary>
internal sealed unsafe class OpLowering(BlockArena arena)
{
    /// <summary>Lowers a block's instructions; the last operation always leaves the block.</summary>
    internal MicroOp* Lower(ReadOnlySpan<Instruction> instructions, int length, CpuMode mode)
    {
        var ops = (MicroOp*)arena.Allocate(sizeof(MicroOp) * (instructions.Length + 1));
        MicroOp* op = ops;
        for (int i = 0; i < instructions.Length; i++)
        {
            ref readonly Instruction instruction = ref instructions[i];
            op->Offset = (ushort)instruction.IP;
            op->Length = (byte)instruction.Length;
            ByHandler(op, instruction);
            op++;
        }

        op->Code = OpKindCode.Continue;
        op->Offset = (ushort)length;
        _ = mode;
        return ops;
    }

    private void ByHandler(MicroOp* op, in Instruction instruction)
    {
        op->Code = OpKindCode.Handler;
        op->Immediate = (nint)HandlerTable.Instance[instruction.Code];
        var copy = (Instruction*)arena.Allocate(sizeof(Instruction));
        *copy = instruction;
        op->Target = (nint)copy;
    }
}
