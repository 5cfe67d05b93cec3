using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>AH, CH, DH and BH, which have no code in an instruction with a REX prefix, as registers from R8 on want one.</summary>
internal sealed unsafe partial class BlockCompiler
{
    // Number of the register whose second byte is an operand (AH to BH); negative: none.
    private static int HighByte(in Instruction instruction)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand) is var register and >= Register.AH and <= Register.BH)
                return register - Register.AH;
        }

        return -1;
    }

    private static bool HasExtendedRegister(in Instruction instruction)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand) is var register && register.IsGPR()
                && register is not (>= Register.AH and <= Register.BH) && Registers.Index(register) >= 8)
                return true;
        }

        return false;
    }

    // Second bytes have no code beside registers from R8 on, which stand for others here: the two lowest bytes change places for one instruction.
    private void ExchangeHighByte(ref Instruction instruction, int number)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand) == Register.AH + number)
                instruction.SetOpRegister(operand, Register.AL + number);
        }

        EmitExchangeBytes(number);
    }

    // XCHG of a register's two lowest bytes. Changes no flag.
    private void EmitExchangeBytes(int number) => _e.Bytes([0x86, (byte)(0xe0 + (number * 9))]);
}
