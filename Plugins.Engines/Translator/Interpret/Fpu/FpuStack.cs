using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>Moves among stack registers, signs, and the stack pointer.</summary>
internal static unsafe class FpuStack
{
    internal static void Register(HandlerTable table)
    {
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Fxch_st0_sti, Code.Fxch_st0_sti_DDC8, Code.Fxch_st0_sti_DFC8])
            table.Set(code, &Exchange);
        table.Set(Code.Fst_sti, &Store);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Fstp_sti, Code.Fstp_sti_DFD0, Code.Fstp_sti_DFD8])
            table.Set(code, &StoreAndPop);
        table.Set(Code.Fstpnce_sti, &StoreAndPopSilently);
        table.Set(Code.Fchs, &ChangeSign);
        table.Set(Code.Fabs, &Absolute);
        table.Set(Code.Ffree_sti, &Free);
        table.Set(Code.Ffreep_sti, &FreeAndPop);
        table.Set(Code.Fincstp, &Increment);
        table.Set(Code.Fdecstp, &Decrement);
        table.Set(Code.Fnop, &Nothing);
        table.Set(Code.Fcmovb_st0_sti, &MoveIf<Below>);
        table.Set(Code.Fcmove_st0_sti, &MoveIf<Equal>);
        table.Set(Code.Fcmovbe_st0_sti, &MoveIf<BelowOrEqual>);
        table.Set(Code.Fcmovu_st0_sti, &MoveIf<Unordered>);
        table.Set(Code.Fcmovnb_st0_sti, &MoveIf<NotBelow>);
        table.Set(Code.Fcmovne_st0_sti, &MoveIf<NotEqual>);
        table.Set(Code.Fcmovnbe_st0_sti, &MoveIf<Above>);
        table.Set(Code.Fcmovnu_st0_sti, &MoveIf<NotUnordered>);
    }

    /// <summary>FXCH: an empty register counts as indefinite.</summary>
    private static StepResult Exchange(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        int index = FpuUnit.Index(instruction.Op1Register);
        var environment = new FpuEnvironment(c->FpuControl);
        Extended first = FpuUnit.IsEmpty(c, 0) ? environment.StackUnderflow() : FpuUnit.Read(c, 0);
        Extended second = FpuUnit.IsEmpty(c, index) ? environment.StackUnderflow() : FpuUnit.Read(c, index);
        if (FpuUnit.Commit(cpu, instruction, environment))
        {
            FpuUnit.Write(c, index, first);
            FpuUnit.Write(c, 0, second);
        }

        return StepResult.Next;
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction) => Store(cpu, instruction, pop: false);

    private static StepResult StoreAndPop(TranslatorCpu cpu, in Instruction instruction) => Store(cpu, instruction, pop: true);

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction, bool pop)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended value = FpuUnit.IsEmpty(c, 0) ? environment.StackUnderflow() : FpuUnit.Read(c, 0);
        if (!FpuUnit.Commit(cpu, instruction, environment))
            return StepResult.Next;
        FpuUnit.Write(c, FpuUnit.Index(instruction.Op0Register), value);
        if (pop)
            FpuUnit.Pop(c);
        return StepResult.Next;
    }

    /// <summary>FSTPNCE (D9 D8+i): FSTP that, from an empty register, only pops.</summary>
    private static StepResult StoreAndPopSilently(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        if (!FpuUnit.IsEmpty(c, 0))
            FpuUnit.Write(c, FpuUnit.Index(instruction.Op0Register), FpuUnit.Read(c, 0));
        FpuUnit.Pop(c);
        c->FpuStatus &= unchecked((ushort)~FpuWords.C1);
        return StepResult.Next;
    }

    private static StepResult ChangeSign(TranslatorCpu cpu, in Instruction instruction) => Sign(cpu, instruction, keep: 0xffff, flip: 0x8000);

    private static StepResult Absolute(TranslatorCpu cpu, in Instruction instruction) => Sign(cpu, instruction, keep: 0x7fff, flip: 0);

    private static StepResult Sign(TranslatorCpu cpu, in Instruction instruction, ushort keep, ushort flip)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended value = FpuUnit.Read(c, 0);
        value = FpuUnit.IsEmpty(c, 0) ? environment.StackUnderflow() : value with { SignExponent = (ushort)((value.SignExponent & keep) ^ flip) };
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, value);
        return StepResult.Next;
    }

    private static StepResult Free(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        FpuUnit.Free(cpu.C, FpuUnit.Index(instruction.Op0Register));
        cpu.C->FpuStatus &= unchecked((ushort)~FpuWords.C1);
        return StepResult.Next;
    }

    private static StepResult FreeAndPop(TranslatorCpu cpu, in Instruction instruction)
    {
        if (Free(cpu, instruction) == StepResult.Fault)
            return StepResult.Fault;
        FpuUnit.Pop(cpu.C);
        return StepResult.Next;
    }

    private static StepResult Increment(TranslatorCpu cpu, in Instruction instruction) => Turn(cpu, instruction, 1);

    private static StepResult Decrement(TranslatorCpu cpu, in Instruction instruction) => Turn(cpu, instruction, -1);

    private static StepResult Turn(TranslatorCpu cpu, in Instruction instruction, int step)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        cpu.C->FpuTop = (byte)((cpu.C->FpuTop + step) & 7);
        cpu.C->FpuStatus &= unchecked((ushort)~FpuWords.C1);
        return StepResult.Next;
    }

    private static StepResult Nothing(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        return StepResult.Next;
    }

    private static StepResult MoveIf<TCondition>(TranslatorCpu cpu, in Instruction instruction)
        where TCondition : struct, ICondition
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        int index = FpuUnit.Index(instruction.Op1Register);
        var environment = new FpuEnvironment(c->FpuControl);
        Extended value = FpuUnit.IsEmpty(c, 0) || FpuUnit.IsEmpty(c, index)
            ? environment.StackUnderflow()
            : FpuUnit.Read(c, Flags.Condition(c, TCondition.Number) ? index : 0);

        // C1 tells a stack underflow and is otherwise left alone.
        environment.RoundedUp = environment.Raised == 0 && (c->FpuStatus & FpuWords.C1) != 0;
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, value);
        return StepResult.Next;
    }

    /// <summary>A condition code, as in Jcc.</summary>
    private interface ICondition
    {
        static abstract int Number { get; }
    }

    private readonly struct Below : ICondition
    {
        public static int Number => 2;
    }

    private readonly struct NotBelow : ICondition
    {
        public static int Number => 3;
    }

    private readonly struct Equal : ICondition
    {
        public static int Number => 4;
    }

    private readonly struct NotEqual : ICondition
    {
        public static int Number => 5;
    }

    private readonly struct BelowOrEqual : ICondition
    {
        public static int Number => 6;
    }

    private readonly struct Above : ICondition
    {
        public static int Number => 7;
    }

    private readonly struct Unordered : ICondition
    {
        public static int Number => 10;
    }

    private readonly struct NotUnordered : ICondition
    {
        public static int Number => 11;
    }
}
