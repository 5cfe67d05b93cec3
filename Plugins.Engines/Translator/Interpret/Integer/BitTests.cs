using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// BT BTS BTR BTC. With a register bit number a memory operand is a bit string: the number, signed, chooses the word too. CF is the old bit, the
/// other flags stay.
/// </summary>
internal static unsafe class BitTests
{
    internal static void Register(HandlerTable table)
    {
        Forms.Words<Test>(table, Code.Bt_rm16_r16, Code.Bt_rm16_imm8);
        Forms.Words<Change<Set>>(table, Code.Bts_rm16_r16, Code.Bts_rm16_imm8);
        Forms.Words<Change<Reset>>(table, Code.Btr_rm16_r16, Code.Btr_rm16_imm8);
        Forms.Words<Change<Complement>>(table, Code.Btc_rm16_r16, Code.Btc_rm16_imm8);
    }

    private static void SetCarry(CpuContext* c, ulong value, int bit)
        => Flags.SetArithmetic(c, (Flags.Arithmetic(c) & ~Bits.Carry) | (uint)((value >> bit) & 1));

    /// <summary>The word that holds the bit, in memory.</summary>
    private static bool Locate<T>(TranslatorCpu cpu, in Instruction instruction, bool write, out ulong linear, out int bit)
        where T : unmanaged
    {
        CpuContext* c = cpu.C;
        if (instruction.Op1Kind != OpKind.Register)
        {
            bit = instruction.Immediate8 & (Sized.Bits<T>() - 1);
            return Operands.Linear(cpu, instruction, sizeof(T), write, out linear);
        }

        long number = (long)Sized.Sign<T>(Sized.ReadRegister<T>(c, instruction.Op1Register));
        bit = (int)number & (Sized.Bits<T>() - 1);
        ulong offset = Operands.Offset(c, instruction) + (ulong)((number - bit) >> 3);
        offset = Operands.Truncate(offset, Addressing.Size(instruction));
        return Operands.Linear(cpu, instruction.MemorySegment, offset, sizeof(T), write, out linear);
    }

    private static int BitOfRegister<T>(CpuContext* c, in Instruction instruction)
        where T : unmanaged
        => (instruction.Op1Kind == OpKind.Register ? (int)Sized.ReadRegister<T>(c, instruction.Op1Register) : instruction.Immediate8) & (Sized.Bits<T>() - 1);

    private readonly struct Test : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if (instruction.Op0Kind == OpKind.Register)
            {
                SetCarry(c, Sized.ReadRegister<T>(c, instruction.Op0Register), BitOfRegister<T>(c, instruction));
                return StepResult.Next;
            }

            if (!Locate<T>(cpu, instruction, write: false, out ulong linear, out int bit) || !Sized.ReadMemory<T>(cpu, linear, out ulong value))
                return StepResult.Fault;
            SetCarry(c, value, bit);
            return StepResult.Next;
        }
    }

    private readonly struct Change<TOperation> : ISizedHandler
        where TOperation : struct, IUpdate
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (instruction.Op0Kind == OpKind.Register)
            {
                Update.Destination<T, TOperation>(cpu, instruction, 0, BitOfRegister<T>(cpu.C, instruction), out _);
                return StepResult.Next;
            }

            return Locate<T>(cpu, instruction, write: true, out ulong linear, out int bit)
                && Update.Memory<T, TOperation>(cpu, linear, instruction.HasLockPrefix, 0, bit, out _)
                ? StepResult.Next
                : StepResult.Fault;
        }
    }

    private readonly struct Set : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left | (1UL << count);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => SetCarry(c, left, count);
    }

    private readonly struct Reset : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left & ~(1UL << count);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => SetCarry(c, left, count);
    }

    private readonly struct Complement : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left ^ (1UL << count);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => SetCarry(c, left, count);
    }
}
