using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FCOM, FUCOM, FICOM, FCOMI, FUCOMI, FTST and FXAM.</summary>
internal static unsafe class FpuCompare
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fcom_m32fp, &Memory<FpuSources.Single, Once>);
        table.Set(Code.Fcom_m64fp, &Memory<FpuSources.Double, Once>);
        table.Set(Code.Ficom_m16int, &Memory<FpuSources.Int16, Once>);
        table.Set(Code.Ficom_m32int, &Memory<FpuSources.Int32, Once>);
        table.Set(Code.Fcomp_m32fp, &Memory<FpuSources.Single, Popping>);
        table.Set(Code.Fcomp_m64fp, &Memory<FpuSources.Double, Popping>);
        table.Set(Code.Ficomp_m16int, &Memory<FpuSources.Int16, Popping>);
        table.Set(Code.Ficomp_m32int, &Memory<FpuSources.Int32, Popping>);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Fcom_st0_sti, Code.Fcom_st0_sti_DCD0])
            table.Set(code, &Ordered<Once>);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Fcomp_st0_sti, Code.Fcomp_st0_sti_DCD8, Code.Fcomp_st0_sti_DED0])
            table.Set(code, &Ordered<Popping>);
        table.Set(Code.Fucom_st0_sti, &Unordered<Once>);
        table.Set(Code.Fucomp_st0_sti, &Unordered<Popping>);
        table.Set(Code.Fcompp, &OrderedTwice);
        table.Set(Code.Fucompp, &UnorderedTwice);
        table.Set(Code.Fcomi_st0_sti, &IntoFlags<Once, Signaling>);
        table.Set(Code.Fcomip_st0_sti, &IntoFlags<Popping, Signaling>);
        table.Set(Code.Fucomi_st0_sti, &IntoFlags<Once, Quiet>);
        table.Set(Code.Fucomip_st0_sti, &IntoFlags<Popping, Quiet>);
        table.Set(Code.Ftst, &Test);
        table.Set(Code.Fxam, &Examine);
    }

    private static StepResult Memory<TSource, TCount>(TranslatorCpu cpu, in Instruction instruction)
        where TSource : struct, IFpuSource
        where TCount : struct, IChoice
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, TSource.Size, write: false, out ulong linear)
            || !Operands.ReadMemory(cpu, linear, TSource.Size, out ulong bits))
            return StepResult.Fault;
        return IntoConditions(cpu, instruction, !FpuUnit.IsEmpty(cpu.C, 0), TSource.Unpack(bits), signaling: true, TCount.Holds ? 1 : 0);
    }

    private static StepResult Ordered<TCount>(TranslatorCpu cpu, in Instruction instruction)
        where TCount : struct, IChoice
        => Registers(cpu, instruction, FpuUnit.Index(instruction.Op1Register), signaling: true, TCount.Holds ? 1 : 0);

    private static StepResult Unordered<TCount>(TranslatorCpu cpu, in Instruction instruction)
        where TCount : struct, IChoice
        => Registers(cpu, instruction, FpuUnit.Index(instruction.Op1Register), signaling: false, TCount.Holds ? 1 : 0);

    private static StepResult OrderedTwice(TranslatorCpu cpu, in Instruction instruction) => Registers(cpu, instruction, 1, signaling: true, 2);

    private static StepResult UnorderedTwice(TranslatorCpu cpu, in Instruction instruction) => Registers(cpu, instruction, 1, signaling: false, 2);

    private static StepResult Registers(TranslatorCpu cpu, in Instruction instruction, int index, bool signaling, int pops)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        bool full = !FpuUnit.IsEmpty(cpu.C, 0) && !FpuUnit.IsEmpty(cpu.C, index);
        return IntoConditions(cpu, instruction, full, FpuUnit.Operand(cpu.C, index), signaling, pops);
    }

    private static StepResult Test(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu)
            ? IntoConditions(cpu, instruction, !FpuUnit.IsEmpty(cpu.C, 0), default, signaling: true, 0)
            : StepResult.Fault;

    private static StepResult IntoConditions(
        TranslatorCpu cpu, in Instruction instruction, bool full, in FpuOperand source, bool signaling, int pops)
    {
        FpuUnit.Note(cpu);
        FloatOrder order = Order(cpu.C, full, source, signaling, out FpuEnvironment environment);

        // The result is there even after an unmasked exception; only the pops are not done then.
        if (!FpuUnit.Commit(cpu, instruction, environment))
            pops = 0;
        FpuUnit.SetConditions(cpu.C, order switch
        {
            FloatOrder.Greater => 0,
            FloatOrder.Less => FpuWords.C0,
            FloatOrder.Equal => FpuWords.C3,
            _ => FpuWords.C0 | FpuWords.C2 | FpuWords.C3,
        });
        for (; pops > 0; pops--)
            FpuUnit.Pop(cpu.C);
        return StepResult.Next;
    }

    private static StepResult IntoFlags<TCount, TKind>(TranslatorCpu cpu, in Instruction instruction)
        where TCount : struct, IChoice
        where TKind : struct, IChoice
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        int index = FpuUnit.Index(instruction.Op1Register);
        bool full = !FpuUnit.IsEmpty(c, 0) && !FpuUnit.IsEmpty(c, index);
        FloatOrder order = Order(c, full, FpuUnit.Operand(c, index), TKind.Holds, out FpuEnvironment environment);

        // C1 tells a stack underflow and is otherwise left alone.
        environment.RoundedUp = full && (c->FpuStatus & FpuWords.C1) != 0;
        environment.KeepsRoundedUp = true;
        bool completed = FpuUnit.Commit(cpu, instruction, environment);
        Flags.SetArithmetic(c, Vector.FloatCompare.FlagsOf(order));
        if (completed && TCount.Holds)
            FpuUnit.Pop(c);
        return StepResult.Next;
    }

    private static FloatOrder Order(CpuContext* c, bool full, in FpuOperand source, bool signaling, out FpuEnvironment environment)
    {
        environment = new FpuEnvironment(c->FpuControl);
        if (full)
            return ExtendedMath.Compare(FpuUnit.Operand(c, 0), source, signaling, ref environment);
        environment.StackUnderflow();
        return FloatOrder.Unordered;
    }

    /// <summary>FXAM: the class in C3, C2, C0, the sign in C1 (SDM volume 2, table 3-43).</summary>
    private static StepResult Examine(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        FpuOperand operand = FpuUnit.Operand(c, 0);
        int conditions = FpuUnit.IsEmpty(c, 0) ? FpuWords.C3 | FpuWords.C0 : operand.Class switch
        {
            FloatClass.Unsupported => 0,
            FloatClass.QuietNan or FloatClass.SignalingNan => FpuWords.C0,
            FloatClass.Infinity => FpuWords.C2 | FpuWords.C0,
            FloatClass.Zero => FpuWords.C3,
            _ => operand.Number.Denormal ? FpuWords.C3 | FpuWords.C2 : FpuWords.C2,
        };
        c->FpuStatus = (ushort)((c->FpuStatus & ~FpuWords.Conditions) | conditions | (operand.Negative ? FpuWords.C1 : 0));
        return StepResult.Next;
    }

    /// <summary>A yes or no that is known when the handler is made.</summary>
    private interface IChoice
    {
        static abstract bool Holds { get; }
    }

    private readonly struct Popping : IChoice
    {
        public static bool Holds => true;
    }

    private readonly struct Once : IChoice
    {
        public static bool Holds => false;
    }

    /// <summary>A quiet NaN is an invalid operand.</summary>
    private readonly struct Signaling : IChoice
    {
        public static bool Holds => true;
    }

    private readonly struct Quiet : IChoice
    {
        public static bool Holds => false;
    }
}
