using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Vector registers: each is loaded from the context when first used and stored after each change, so that the context is always right and leaving
/// costs nothing.
/// </summary>
internal sealed unsafe partial class BlockCompiler
{
    /// <summary>Makes sure, once until the next handler, that vector instructions are allowed and MXCSR is the guest's.</summary>
    private void CheckVectors(int index, uint liveFlags)
    {
        if (_vectorsChecked)
            return;
        ReleaseFlags(liveFlags);
        _e.RegisterMemory(0x83, 7, HostRegisters.Context, ContextOffsets.VectorState, wide: false);
        _e.Byte(2);
        byte* ready = _e.Jump(4);
        _e.RegisterMemory(0x83, 7, HostRegisters.Context, ContextOffsets.VectorState, wide: false);
        _e.Byte(1);
        byte* unusable = _e.Jump(5);
        Trampolines.EmitLoadMxcsr(_e);
        Emitter.Bind(ready, _e.At);
        Add(new PendingExit { Kind = ExitKind.Handler, Instruction = index, First = unusable });
        _vectorsChecked = true;
    }

    private void LoadVectors(in Instruction instruction, in InstructionInfo information)
    {
        uint used = NativeForms.ReadsVectorZero(instruction.Mnemonic) ? 1u : 0;
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (IsVector(instruction, operand, out int number) && !(operand == 0 && NativeForms.OverwritesVector(instruction)))
                used |= 1u << number;
        }

        EmitLoadVectors(used & ~_vectors);
        _vectors |= used;
    }

    private void StoreVectors(in Instruction instruction, in InstructionInfo information)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (!IsVector(instruction, operand, out int number)
                || information.GetOpAccess(operand) is not (OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite))
                continue;
            EmitStoreVector(number);
            _vectors |= 1u << number;
        }

        if (NativeForms.WritesVectorZero(instruction.Mnemonic))
        {
            EmitStoreVector(0);
            _vectors |= 1;
        }
    }

    private static bool IsVector(in Instruction instruction, int operand, out int number)
    {
        number = 0;
        if (instruction.GetOpKind(operand) != OpKind.Register)
            return false;
        number = instruction.GetOpRegister(operand) - Register.XMM0;
        return number is >= 0 and < 16;
    }

    private void EmitLoadVectors(uint registers)
    {
        for (int number = 0; number < 16; number++)
        {
            if ((registers & (1u << number)) != 0)
                EmitMoveVector(0x10, number);
        }
    }

    private void EmitStoreVector(int number) => EmitMoveVector(0x11, number);

    // MOVUPS
    private void EmitMoveVector(int opcode, int number)
    {
        if (number >= 8)
            _e.Byte(0x44);
        _e.Byte(0x0f);
        _e.RegisterMemory(opcode, number & 7, HostRegisters.Context, ContextOffsets.Vector(number), wide: false);
    }
}
