using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>Makes instructions of a given form with random operands.</summary>
internal static class Forms
{
    /// <summary>
    /// An instruction of this form; <paramref name="memory"/> says what an operand that may be either is. Null: the form has no such variant.
    /// </summary>
    internal static Instruction? Make(Code code, bool memory, Samples samples)
    {
        OpCodeInfo info = code.ToOpCode();
        var instruction = new Instruction { Code = code };
        bool hasMemory = false;
        bool hasEither = false;
        for (int i = 0; i < info.OpCount; i++)
        {
            switch (info.GetOpKind(i))
            {
                case OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm:
                    SetRegister(ref instruction, i, Register.XMM0 + samples.Next(16));
                    break;
                case OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm:
                    SetRegister(ref instruction, i, Register.MM0 + samples.Next(8));
                    break;
                case OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm:
                    SetRegister(ref instruction, i, General(Register.EAX, samples));
                    break;
                case OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_rm:
                    SetRegister(ref instruction, i, General(Register.RAX, samples));
                    break;
                case OpCodeOperandKind.ax:
                    SetRegister(ref instruction, i, Register.AX);
                    break;
                case OpCodeOperandKind.st0:
                    SetRegister(ref instruction, i, Register.ST0);
                    break;
                case OpCodeOperandKind.sti_opcode:
                    SetRegister(ref instruction, i, Register.ST0 + samples.Next(8));
                    break;
                case OpCodeOperandKind.seg_rDI:
                    SetKind(ref instruction, i, OpKind.MemorySegRDI);
                    hasMemory = true;
                    break;
                case OpCodeOperandKind.imm8:
                    SetKind(ref instruction, i, OpKind.Immediate8);
                    instruction.Immediate8 = (byte)samples.Next(samples.Next(2) == 0 ? 256 : 20);
                    break;
                case OpCodeOperandKind.mem:
                    SetMemory(ref instruction, i, samples);
                    hasMemory = true;
                    break;
                case OpCodeOperandKind.xmm_or_mem when !memory:
                    hasEither = true;
                    SetRegister(ref instruction, i, Register.XMM0 + samples.Next(16));
                    break;
                case OpCodeOperandKind.mm_or_mem when !memory:
                    hasEither = true;
                    SetRegister(ref instruction, i, Register.MM0 + samples.Next(8));
                    break;
                case OpCodeOperandKind.r32_or_mem when !memory:
                    hasEither = true;
                    SetRegister(ref instruction, i, General(Register.EAX, samples));
                    break;
                case OpCodeOperandKind.r64_or_mem when !memory:
                    hasEither = true;
                    SetRegister(ref instruction, i, General(Register.RAX, samples));
                    break;
                case OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r8_reg:
                    return null;
                case OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.mm_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem:
                    SetMemory(ref instruction, i, samples);
                    hasMemory = true;
                    break;
                default:
                    throw new NotSupportedException($"{code}: operand kind {info.GetOpKind(i)}");
            }
        }

        if (memory ? !hasMemory : hasMemory && !hasEither)
            return null;
        return instruction;
    }

    /// <summary>Any but rsp, rdi (points to memory) and r15 (the stub's).</summary>
    private static Register General(Register first, Samples samples)
        => first + samples.Pick<int>([0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14]);

    private static void SetMemory(ref Instruction instruction, int operand, Samples samples)
    {
        SetKind(ref instruction, operand, OpKind.Memory);
        instruction.MemoryBase = Register.RDI;
        instruction.MemoryDisplacement64 = (ulong)(samples.Next(4) * 16);
        instruction.MemoryDisplSize = 1;
    }

    private static void SetKind(ref Instruction instruction, int operand, OpKind kind)
    {
        switch (operand)
        {
            case 0: instruction.Op0Kind = kind; break;
            case 1: instruction.Op1Kind = kind; break;
            case 2: instruction.Op2Kind = kind; break;
            default: instruction.Op3Kind = kind; break;
        }
    }

    private static void SetRegister(ref Instruction instruction, int operand, Register register)
    {
        SetKind(ref instruction, operand, OpKind.Register);
        switch (operand)
        {
            case 0: instruction.Op0Register = register; break;
            case 1: instruction.Op1Register = register; break;
            case 2: instruction.Op2Register = register; break;
            default: instruction.Op3Register = register; break;
        }
    }
}
