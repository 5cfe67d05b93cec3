using Iced.Intel;

namespace Hospes.Engines.Tests.Equality;

/// <summary>Random integer code: the forms that the interpreter has fast ways for, their neighbours that it has not, and forward branches among them.</summary>
internal sealed class CodeGenerator(Random random)
{
    private static readonly Code[] Forms = [.. Enum.GetValues<Code>().Where(IsWanted)];

    private static bool IsWanted(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        if (!info.IsInstruction || !info.Mode64 || info.Encoding != EncodingKind.Legacy)
            return false;
        return code.Mnemonic() is Mnemonic.Mov or Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor
                or Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Lea or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Inc or Mnemonic.Dec
                or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Imul
                or Mnemonic.Mul or Mnemonic.Push or Mnemonic.Pop or Mnemonic.Xchg or Mnemonic.Bt or Mnemonic.Cdqe or Mnemonic.Cqo or Mnemonic.Lahf
                or Mnemonic.Stc or Mnemonic.Clc or Mnemonic.Cmc or Mnemonic.Nop or Mnemonic.Movups or Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Movaps
            || info.Op0Kind is OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r64_reg
                && (code.Mnemonic().ToString().StartsWith("Set", StringComparison.Ordinal) || code.Mnemonic().ToString().StartsWith("Cmov", StringComparison.Ordinal));
    }

    private static readonly Register[][] Bank =
    [
        [.. Enumerable.Range(0, 16).Select(i => Register.RAX + i)], [.. Enumerable.Range(0, 16).Select(i => Register.EAX + i)],
        [.. Enumerable.Range(0, 16).Select(i => Register.AX + i)],
        [.. Enumerable.Range(0, 20).Select(i => Register.AL + i)],
    ];

    internal GeneratedBlock Next()
    {
        var registers = new ulong[16];
        for (int i = 0; i < 16; i++)
            registers[i] = Value();
        registers[4] = EnginePair.StackAt + ((ulong)random.Next(-64, 64) * 8) + (random.Next(20) == 0 ? (ulong)random.Next(8) : 0);
        foreach (int pointer in (ReadOnlySpan<int>)[3, 5, 6, 7, 12, 13])
            registers[pointer] = EnginePair.Data + (ulong)random.Next(0, EnginePair.DataSize);
        if (random.Next(12) == 0)
            registers[6] = random.Next(2) == 0 ? EnginePair.ReadOnlyAt + (ulong)random.Next(4096) : EnginePair.Data + EnginePair.DataSize - (ulong)random.Next(16);

        return new GeneratedBlock(Encode(random.Next(2, 24)), registers, 2 | (ulong)(random.Next() & 0x8d5), random.Next());
    }

    private ulong Value() => random.Next(6) switch
    {
        0 => (ulong)random.Next(-3, 4),
        1 => 1UL << random.Next(64),
        2 => (1UL << random.Next(64)) - 1,
        3 => (ulong)random.Next(256),
        4 => 0x7fff_ffffUL + (ulong)random.Next(3),
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    private byte[] Encode(int count)
    {
        using var stream = new MemoryStream();
        var writer = new StreamCodeWriter(stream);
        var encoder = Encoder.Create(64, writer);
        while (count > 0)
        {
            if (random.Next(8) == 0)
            {
                // A comparison and a branch over one byte: taken or not, both ways meet again.
                TryEncode(encoder, stream, Form(random.Next(2) == 0 ? Mnemonic.Cmp : Mnemonic.Test));
                stream.WriteByte((byte)(0x70 + random.Next(16)));
                stream.WriteByte(1);
                stream.WriteByte(0x90);
            }
            else if (TryEncode(encoder, stream, Forms[random.Next(Forms.Length)]))
            {
                count--;
            }
        }

        stream.Write([0xe6, 0xf4]);
        return stream.ToArray();
    }

    private Code Form(Mnemonic mnemonic)
    {
        while (true)
        {
            Code code = Forms[random.Next(Forms.Length)];
            if (code.Mnemonic() == mnemonic)
                return code;
        }
    }

    private bool TryEncode(Encoder encoder, MemoryStream stream, Code code)
    {
        if (Make(code) is not { } instruction)
            return false;
        long start = stream.Position;
        if (encoder.TryEncode(instruction, EnginePair.CodeAt + (ulong)start, out _, out _))
            return true;
        stream.SetLength(start);
        return false;
    }

    private Instruction? Make(Code code)
    {
        var instruction = new Instruction { Code = code };
        OpCodeInfo info = code.ToOpCode();
        for (int i = 0; i < info.OpCount; i++)
        {
            switch (info.GetOpKind(i))
            {
                case OpCodeOperandKind.r8_or_mem: RegisterOrMemory(ref instruction, i, 3); break;
                case OpCodeOperandKind.r16_or_mem: RegisterOrMemory(ref instruction, i, 2); break;
                case OpCodeOperandKind.r32_or_mem: RegisterOrMemory(ref instruction, i, 1); break;
                case OpCodeOperandKind.r64_or_mem: RegisterOrMemory(ref instruction, i, 0); break;
                case OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode: instruction.SetOpRegister(i, Pick(3)); break;
                case OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r16_reg_mem or OpCodeOperandKind.r16_rm: instruction.SetOpRegister(i, Pick(2)); break;
                case OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_reg_mem or OpCodeOperandKind.r32_rm: instruction.SetOpRegister(i, Pick(1)); break;
                case OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_opcode or OpCodeOperandKind.r64_reg_mem or OpCodeOperandKind.r64_rm: instruction.SetOpRegister(i, Pick(0)); break;
                case OpCodeOperandKind.xmm_reg: instruction.SetOpRegister(i, Register.XMM0 + random.Next(16)); break;
                case OpCodeOperandKind.xmm_or_mem:
                    if (random.Next(2) == 0)
                        instruction.SetOpRegister(i, Register.XMM0 + random.Next(16));
                    else
                        Memory(ref instruction, i);
                    break;
                case OpCodeOperandKind.mem: Memory(ref instruction, i); break;
                case OpCodeOperandKind.al: instruction.SetOpRegister(i, Register.AL); break;
                case OpCodeOperandKind.ax: instruction.SetOpRegister(i, Register.AX); break;
                case OpCodeOperandKind.eax: instruction.SetOpRegister(i, Register.EAX); break;
                case OpCodeOperandKind.rax: instruction.SetOpRegister(i, Register.RAX); break;
                case OpCodeOperandKind.cl: instruction.SetOpRegister(i, Register.CL); break;
                case OpCodeOperandKind.imm8: Immediate(ref instruction, i, OpKind.Immediate8, random.Next(256)); break;
                case OpCodeOperandKind.imm8_const_1: Immediate(ref instruction, i, OpKind.Immediate8, 1); break;
                case OpCodeOperandKind.imm8sex16: Immediate(ref instruction, i, OpKind.Immediate8to16, random.Next(-128, 128)); break;
                case OpCodeOperandKind.imm8sex32: Immediate(ref instruction, i, OpKind.Immediate8to32, random.Next(-128, 128)); break;
                case OpCodeOperandKind.imm8sex64: Immediate(ref instruction, i, OpKind.Immediate8to64, random.Next(-128, 128)); break;
                case OpCodeOperandKind.imm16: Immediate(ref instruction, i, OpKind.Immediate16, random.Next(65536)); break;
                case OpCodeOperandKind.imm32: Immediate(ref instruction, i, OpKind.Immediate32, (int)Value()); break;
                case OpCodeOperandKind.imm32sex64: Immediate(ref instruction, i, OpKind.Immediate32to64, (int)Value()); break;
                case OpCodeOperandKind.imm64: Immediate(ref instruction, i, OpKind.Immediate64, (long)Value()); break;
                default: return null;
            }
        }

        return instruction;
    }

    private static void Immediate(ref Instruction instruction, int operand, OpKind kind, long value)
    {
        instruction.SetOpKind(operand, kind);
        instruction.SetImmediate(operand, value);
    }

    /// <summary>The stack pointer is spoilt seldom: a run over garbage tests little.</summary>
    private Register Pick(int bank)
    {
        Register register = Bank[bank][random.Next(Bank[bank].Length)];
        return register.GetFullRegister() == Register.RSP && random.Next(10) != 0 ? Bank[bank][0] : register;
    }

    private void RegisterOrMemory(ref Instruction instruction, int operand, int bank)
    {
        if (random.Next(2) == 0)
            instruction.SetOpRegister(operand, Pick(bank));
        else
            Memory(ref instruction, operand);
    }

    private void Memory(ref Instruction instruction, int operand)
    {
        instruction.SetOpKind(operand, OpKind.Memory);
        instruction.MemoryDisplSize = 4;
        switch (random.Next(12))
        {
            case 0:
                instruction.MemoryBase = Register.RIP;
                instruction.MemoryDisplacement64 = EnginePair.Data + (ulong)random.Next(EnginePair.DataSize);
                return;
            case 1:
                instruction.MemoryDisplSize = 8;
                instruction.MemoryDisplacement64 = EnginePair.Data + (ulong)random.Next(EnginePair.DataSize);
                return;
            case 2:
                instruction.MemoryBase = Register.EBX;
                break;
            case 3:
                instruction.MemoryBase = Register.RBX;
                instruction.MemoryIndex = Register.RCX + (random.Next(2) * 7);
                instruction.MemoryIndexScale = 1 << random.Next(4);
                break;
            case 4:
                instruction.MemoryBase = Register.RSP;
                break;
            default:
                instruction.MemoryBase = ((ReadOnlySpan<Register>)[Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R12, Register.R13])[random.Next(6)];
                break;
        }

        if (random.Next(10) == 0)
            instruction.SegmentPrefix = random.Next(2) == 0 ? Register.GS : Register.FS;
        instruction.MemoryDisplacement64 = (ulong)random.Next(-64, 64);
    }
}
