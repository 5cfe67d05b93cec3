using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FADD, FSUB, FMUL, FDIV in all their forms.</summary>
internal static unsafe class FpuArithmetic
{
    internal static void Register(HandlerTable table)
    {
        Set<Add>(table, Code.Fadd_m32fp, Code.Fadd_m64fp, Code.Fiadd_m16int, Code.Fiadd_m32int, Code.Fadd_st0_sti, Code.Fadd_sti_st0, Code.Faddp_sti_st0);
        Set<Multiply>(table, Code.Fmul_m32fp, Code.Fmul_m64fp, Code.Fimul_m16int, Code.Fimul_m32int, Code.Fmul_st0_sti, Code.Fmul_sti_st0, Code.Fmulp_sti_st0);
        Set<Subtract>(table, Code.Fsub_m32fp, Code.Fsub_m64fp, Code.Fisub_m16int, Code.Fisub_m32int, Code.Fsub_st0_sti, Code.Fsub_sti_st0, Code.Fsubp_sti_st0);
        Set<SubtractReverse>(
            table, Code.Fsubr_m32fp, Code.Fsubr_m64fp, Code.Fisubr_m16int, Code.Fisubr_m32int, Code.Fsubr_st0_sti, Code.Fsubr_sti_st0, Code.Fsubrp_sti_st0);
        Set<Divide>(table, Code.Fdiv_m32fp, Code.Fdiv_m64fp, Code.Fidiv_m16int, Code.Fidiv_m32int, Code.Fdiv_st0_sti, Code.Fdiv_sti_st0, Code.Fdivp_sti_st0);
        Set<DivideReverse>(
            table, Code.Fdivr_m32fp, Code.Fdivr_m64fp, Code.Fidivr_m16int, Code.Fidivr_m32int, Code.Fdivr_st0_sti, Code.Fdivr_sti_st0, Code.Fdivrp_sti_st0);
    }

    private static void Set<TOperation>(HandlerTable table, Code single, Code @double, Code int16, Code int32, Code forward, Code backward, Code popping)
        where TOperation : struct, IFpuOperation
    {
        table.Set(single, &Memory<TOperation, FpuSources.Single>);
        table.Set(@double, &Memory<TOperation, FpuSources.Double>);
        table.Set(int16, &Memory<TOperation, FpuSources.Int16>);
        table.Set(int32, &Memory<TOperation, FpuSources.Int32>);
        table.Set(forward, &Registers<TOperation>);
        table.Set(backward, &Registers<TOperation>);
        table.Set(popping, &RegistersAndPop<TOperation>);
    }

    private static StepResult Memory<TOperation, TSource>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFpuOperation
        where TSource : struct, IFpuSource
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, TSource.Size, write: false, out ulong linear)
            || !Operands.ReadMemory(cpu, linear, TSource.Size, out ulong bits))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, 0)
            ? environment.StackUnderflow()
            : TOperation.Apply(FpuUnit.Operand(c, 0), TSource.Unpack(bits), ref environment);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, result);
        return StepResult.Next;
    }

    private static StepResult Registers<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFpuOperation
        => Registers<TOperation>(cpu, instruction, pop: false);

    private static StepResult RegistersAndPop<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFpuOperation
        => Registers<TOperation>(cpu, instruction, pop: true);

    private static StepResult Registers<TOperation>(TranslatorCpu cpu, in Instruction instruction, bool pop)
        where TOperation : struct, IFpuOperation
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        int destination = FpuUnit.Index(instruction.Op0Register);
        int source = FpuUnit.Index(instruction.Op1Register);
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, destination) || FpuUnit.IsEmpty(c, source)
            ? environment.StackUnderflow()
            : TOperation.Apply(FpuUnit.Operand(c, destination), FpuUnit.Operand(c, source), ref environment);
        if (!FpuUnit.Commit(cpu, instruction, environment))
            return StepResult.Next;
        FpuUnit.Write(c, destination, result);
        if (pop)
            FpuUnit.Pop(c);
        return StepResult.Next;
    }

    private readonly struct Add : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Add(destination, source, subtract: false, ref environment);
    }

    private readonly struct Subtract : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Add(destination, source, subtract: true, ref environment);
    }

    private readonly struct SubtractReverse : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Add(source, destination, subtract: true, ref environment);
    }

    private readonly struct Multiply : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Multiply(destination, source, ref environment);
    }

    private readonly struct Divide : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Divide(destination, source, ref environment);
    }

    private readonly struct DivideReverse : IFpuOperation
    {
        public static Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment)
            => ExtendedMath.Divide(source, destination, ref environment);
    }
}
