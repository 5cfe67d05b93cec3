using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// CMPS and SCAS. A fault in the middle of a repetition restores the flags that it started with (Intel SDM volume 2, REP); pointers and counter stay
/// at the faulting element.
/// </summary>
internal static unsafe class StringCompares
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Compare>(table, Code.Cmpsb_m8_m8);
        Forms.Words<Compare>(table, Code.Cmpsw_m16_m16);
        Forms.Bytes<Scan>(table, Code.Scasb_AL_m8);
        Forms.Words<Scan>(table, Code.Scasw_AX_m16);
    }

    /// <summary>One element: reads both sides and moves the pointers.</summary>
    private interface IElement
    {
        static abstract bool Read<T>(TranslatorCpu cpu, in Instruction instruction, int size, out ulong left, out ulong right)
            where T : unmanaged;
    }

    private static StepResult Run<T, TElement>(TranslatorCpu cpu, in Instruction instruction, int size)
        where T : unmanaged
        where TElement : struct, IElement
    {
        CpuContext* c = cpu.C;
        if (!StringState.IsRepeated(instruction))
        {
            if (!TElement.Read<T>(cpu, instruction, size, out ulong left, out ulong right))
                return StepResult.Fault;
            Flags.Defer(c, FlagKind.Subtract, Sized.Sign<T>(left - right), Sized.Sign<T>(left), Sized.Sign<T>(right));
            return StepResult.Next;
        }

        if (StringState.Get(c, StringState.Rcx, size) == 0)
            return StepResult.Next;
        bool whileEqual = !instruction.HasRepnePrefix;
        while (true)
        {
            // Flags are written only when the repetition ends or pauses, so that a fault finds the old ones.
            if (!TElement.Read<T>(cpu, instruction, size, out ulong left, out ulong right))
                return StepResult.Fault;
            StringState.Add(c, StringState.Rcx, -1, size);
            bool last = left == right != whileEqual || StringState.Get(c, StringState.Rcx, size) == 0;
            if (!last && !StringState.MustPause(c))
                continue;
            Flags.Defer(c, FlagKind.Subtract, Sized.Sign<T>(left - right), Sized.Sign<T>(left), Sized.Sign<T>(right));
            return last ? StepResult.Next : StringState.Pause(c);
        }
    }

    private readonly struct Compare : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => StringCompares.Run<T, Pair>(cpu, instruction, Addressing.StringSize(instruction.Op0Kind));
    }

    private readonly struct Scan : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => StringCompares.Run<T, Accumulator>(cpu, instruction, Addressing.StringSize(instruction.Op1Kind));
    }

    private readonly struct Pair : IElement
    {
        public static bool Read<T>(TranslatorCpu cpu, in Instruction instruction, int size, out ulong left, out ulong right)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            left = right = 0;
            if (!Operands.Linear(cpu, instruction.MemorySegment, StringState.Get(c, StringState.Rsi, size), sizeof(T), write: false, out ulong from)
                || !Sized.ReadMemory<T>(cpu, from, out left)
                || !Operands.Linear(cpu, Iced.Intel.Register.ES, StringState.Get(c, StringState.Rdi, size), sizeof(T), write: false, out ulong to)
                || !Sized.ReadMemory<T>(cpu, to, out right))
                return false;
            long step = StringState.Step<T>(c);
            StringState.Add(c, StringState.Rsi, step, size);
            StringState.Add(c, StringState.Rdi, step, size);
            return true;
        }
    }

    private readonly struct Accumulator : IElement
    {
        public static bool Read<T>(TranslatorCpu cpu, in Instruction instruction, int size, out ulong left, out ulong right)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            left = Sized.ReadGeneral<T>(c, 0);
            right = 0;
            if (!Operands.Linear(cpu, Iced.Intel.Register.ES, StringState.Get(c, StringState.Rdi, size), sizeof(T), write: false, out ulong to)
                || !Sized.ReadMemory<T>(cpu, to, out right))
                return false;
            StringState.Add(c, StringState.Rdi, StringState.Step<T>(c), size);
            return true;
        }
    }
}
