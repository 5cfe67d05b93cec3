using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>XCHG (atomic in memory, LOCK or not), XADD, CMPXCHG.</summary>
internal static unsafe class Exchanges
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Exchange>(table, Code.Xchg_rm8_r8);
        Forms.Words<Exchange>(table, Code.Xchg_rm16_r16, Code.Xchg_r16_AX);
        Forms.Bytes<ExchangeAdd>(table, Code.Xadd_rm8_r8);
        Forms.Words<ExchangeAdd>(table, Code.Xadd_rm16_r16);
        Forms.Bytes<CompareExchange>(table, Code.Cmpxchg_rm8_r8);
        Forms.Words<CompareExchange>(table, Code.Cmpxchg_rm16_r16);
    }

    private readonly struct Exchange : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            Register source = instruction.Op1Register;
            ulong right = Sized.ReadRegister<T>(c, source);
            if (instruction.Op0Kind == OpKind.Register)
            {
                Register destination = instruction.Op0Register;
                ulong left = Sized.ReadRegister<T>(c, destination);
                Sized.WriteRegister<T>(c, destination, right);
                Sized.WriteRegister<T>(c, source, left);
                return StepResult.Next;
            }

            if (!Operands.Linear(cpu, instruction, sizeof(T), write: true, out ulong linear)
                || !Update.Memory<T, Replace>(cpu, linear, atomic: true, right, 0, out ulong old))
                return StepResult.Fault;
            Sized.WriteRegister<T>(c, source, old);
            return StepResult.Next;
        }
    }

    private readonly struct ExchangeAdd : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            Register source = instruction.Op1Register;
            ulong right = Sized.ReadRegister<T>(c, source);
            if (instruction.Op0Kind == OpKind.Register)
            {
                // The sum is stored last: it wins when both operands name one register.
                Register destination = instruction.Op0Register;
                ulong left = Sized.ReadRegister<T>(c, destination);
                ulong result = Sized.Zero<T>(left + right);
                Sized.WriteRegister<T>(c, source, left);
                Sized.WriteRegister<T>(c, destination, result);
                ArithmeticUpdates.Add.Commit<T>(c, result, left, right, 0);
                return StepResult.Next;
            }

            if (!Update.Destination<T, ArithmeticUpdates.Add>(cpu, instruction, right, 0, out ulong old))
                return StepResult.Fault;
            Sized.WriteRegister<T>(c, source, old);
            return StepResult.Next;
        }
    }

    private readonly struct CompareExchange : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            ulong expected = Sized.ReadGeneral<T>(c, 0);
            ulong right = Sized.ReadRegister<T>(c, instruction.Op1Register);
            ulong old;
            if (instruction.Op0Kind == OpKind.Register)
            {
                // A failed comparison leaves a register alone, the upper half of a 32-bit one too.
                old = Sized.ReadRegister<T>(c, instruction.Op0Register);
                if (old == expected)
                    Sized.WriteRegister<T>(c, instruction.Op0Register, right);
            }
            else if (!Update.Destination<T, ReplaceIfAccumulator>(cpu, instruction, right, 0, out old))
            {
                return StepResult.Fault;
            }

            if (old != expected)
                Sized.WriteGeneral<T>(c, 0, old);
            Flags.Defer(c, FlagKind.Subtract, Sized.Sign<T>(expected - old), Sized.Sign<T>(expected), Sized.Sign<T>(old));
            return StepResult.Next;
        }
    }

    private readonly struct Replace : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            // XCHG sets no flags.
        }
    }

    /// <summary>A CMPXCHG in memory that fails writes the old value back, as hardware does: the page must be writable either way.</summary>
    private readonly struct ReplaceIfAccumulator : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left == Sized.ReadGeneral<T>(c, 0) ? right : left;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            // The handler compares after it has stored the accumulator.
        }
    }
}
