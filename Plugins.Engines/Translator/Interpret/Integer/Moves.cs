using System.Buffers.Binary;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>MOV between general registers, memory and immediates; MOVZX MOVSX MOVSXD LEA MOVBE BSWAP XLAT.</summary>
internal static unsafe class Moves
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Move>(table, Code.Mov_rm8_r8, Code.Mov_r8_rm8, Code.Mov_AL_moffs8, Code.Mov_moffs8_AL, Code.Mov_r8_imm8, Code.Mov_rm8_imm8);
        Forms.Words<Move>(table, Code.Mov_rm16_r16, Code.Mov_r16_rm16, Code.Mov_AX_moffs16, Code.Mov_moffs16_AX, Code.Mov_r16_imm16, Code.Mov_rm16_imm16);

        Forms.Words<ZeroExtend<byte>>(table, Code.Movzx_r16_rm8);
        Forms.Words<ZeroExtend<ushort>>(table, Code.Movzx_r16_rm16);
        Forms.Words<SignExtend<byte>>(table, Code.Movsx_r16_rm8);
        Forms.Words<SignExtend<ushort>>(table, Code.Movsx_r16_rm16);
        table.Set(Code.Movsxd_r16_rm16, &SignExtend<ushort>.Run<ushort>);
        table.Set(Code.Movsxd_r32_rm32, &SignExtend<uint>.Run<uint>);
        table.Set(Code.Movsxd_r64_rm32, &SignExtend<uint>.Run<ulong>);

        Forms.Words<LoadAddress>(table, Code.Lea_r16_m);
        Forms.Words<MoveSwapped>(table, Code.Movbe_r16_m16, Code.Movbe_m16_r16);
        Forms.Words<Swap>(table, Code.Bswap_r16);
        table.Set(Code.Xlat_m8, &TableLookup);
    }

    internal static ulong Reverse<T>(ulong value)
        where T : unmanaged
        => BinaryPrimitives.ReverseEndianness(value) >> (64 - Sized.Bits<T>());

    private static StepResult TableLookup(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!Operands.Linear(cpu, instruction, 1, write: false, out ulong linear) || !cpu.Memory.Read(linear, out byte value))
            return StepResult.Fault;
        *(byte*)&cpu.C->Gpr[0] = value;
        return StepResult.Next;
    }

    private readonly struct Move : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 1, out ulong value) && Sized.Write<T>(cpu, instruction, 0, value)
                ? StepResult.Next
                : StepResult.Fault;
    }

    private readonly struct ZeroExtend<TSource> : ISizedHandler
        where TSource : unmanaged
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<TSource>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, value);
            return StepResult.Next;
        }
    }

    private readonly struct SignExtend<TSource> : ISizedHandler
        where TSource : unmanaged
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<TSource>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, Sized.Sign<TSource>(value));
            return StepResult.Next;
        }
    }

    private readonly struct LoadAddress : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, Operands.Offset(cpu.C, instruction));
            return StepResult.Next;
        }
    }

    private readonly struct MoveSwapped : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 1, out ulong value) && Sized.Write<T>(cpu, instruction, 0, Reverse<T>(value))
                ? StepResult.Next
                : StepResult.Fault;
    }

    private readonly struct Swap : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            // The 16-bit form is undefined; processors store zero.
            Register register = instruction.Op0Register;
            ulong value = sizeof(T) == 2 ? 0 : Reverse<T>(Sized.ReadRegister<T>(cpu.C, register));
            Sized.WriteRegister<T>(cpu.C, register, value);
            return StepResult.Next;
        }
    }
}
