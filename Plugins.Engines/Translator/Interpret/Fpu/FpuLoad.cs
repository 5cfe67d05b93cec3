using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>What pushes: FLD, FILD, FBLD and the constants.</summary>
internal static unsafe class FpuLoad
{
    /// <summary>Decimal digits of the packed format.</summary>
    private const int DecimalBytes = 9;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fld_m32fp, &Memory<FpuSources.Single>);
        table.Set(Code.Fld_m64fp, &Memory<FpuSources.Double>);
        table.Set(Code.Fild_m16int, &Memory<FpuSources.Int16>);
        table.Set(Code.Fild_m32int, &Memory<FpuSources.Int32>);
        table.Set(Code.Fild_m64int, &Memory<FpuSources.Int64>);
        table.Set(Code.Fld_m80fp, &MemoryExtended);
        table.Set(Code.Fbld_m80bcd, &MemoryDecimal);
        table.Set(Code.Fld_sti, &FromRegister);
        table.Set(Code.Fld1, &One);
        table.Set(Code.Fldz, &Zero);
        table.Set(Code.Fldpi, &Pi);
        table.Set(Code.Fldl2t, &Log2Of10);
        table.Set(Code.Fldl2e, &Log2OfE);
        table.Set(Code.Fldlg2, &Log10Of2);
        table.Set(Code.Fldln2, &LogOf2);
    }

    private static StepResult Memory<TSource>(TranslatorCpu cpu, in Instruction instruction)
        where TSource : struct, IFpuSource
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, TSource.Size, write: false, out ulong linear)
            || !Operands.ReadMemory(cpu, linear, TSource.Size, out ulong bits))
            return StepResult.Fault;
        var environment = new FpuEnvironment(cpu.C->FpuControl);
        Extended value;
        if (!FpuUnit.IsEmpty(cpu.C, 7))
        {
            value = environment.StackOverflow();
        }
        else
        {
            FpuOperand operand = TSource.Unpack(bits);
            if (!TSource.IsFloat || !ExtendedMath.Special(operand, ref environment, out value))
            {
                environment.RaiseDenormal(operand);
                value = operand.ToExtended();
            }
        }

        // A denormal is loaded even if its exception is unmasked: in a register it is an ordinary number.
        FpuUnit.Note(cpu);
        if (FpuUnit.Commit(cpu, instruction, environment) || environment.Raised == FloatFlags.Denormal)
            FpuUnit.Push(cpu.C, value);
        return StepResult.Next;
    }

    private static StepResult MemoryExtended(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, 10, write: false, out ulong linear)
            || !cpu.Memory.Read(linear, out ulong significand) || !cpu.Memory.Read(linear + 8, out ushort signExponent))
            return StepResult.Fault;
        return Push(cpu, instruction, new Extended(signExponent, significand));
    }

    /// <summary>FBLD: eighteen digits, two a byte, and a sign. Digits above nine are undefined; they count as what they are.</summary>
    private static StepResult MemoryDecimal(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, 10, write: false, out ulong linear)
            || !cpu.Memory.Read(linear, out ulong low) || !cpu.Memory.Read(linear + 8, out ushort high))
            return StepResult.Fault;
        long value = 0;
        for (int i = DecimalBytes - 1; i >= 0; i--)
        {
            int pair = i == 8 ? (byte)high : (byte)(low >> (i * 8));
            value = (value * 100) + ((pair >> 4) * 10) + (pair & 15);
        }

        bool negative = (high & 0x8000) != 0;
        return Push(cpu, instruction, value == 0 ? Extended.Zero(negative) : FpuOperand.FromInteger(negative ? -value : value).ToExtended());
    }

    private static StepResult FromRegister(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        int index = FpuUnit.Index(instruction.Op0Register);
        var environment = new FpuEnvironment(c->FpuControl);
        Extended value = FpuUnit.IsEmpty(c, index) ? environment.StackUnderflow()
            : !FpuUnit.IsEmpty(c, 7) ? environment.StackOverflow()
            : FpuUnit.Read(c, index);
        return Push(cpu, instruction, value, environment);
    }

    private static StepResult One(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? Push(cpu, instruction, Extended.One) : StepResult.Fault;

    private static StepResult Zero(TranslatorCpu cpu, in Instruction instruction)
        => FpuUnit.Ready(cpu) ? Push(cpu, instruction, Extended.Zero(negative: false)) : StepResult.Fault;

    private static StepResult Pi(TranslatorCpu cpu, in Instruction instruction) => Constant(cpu, instruction, WideConstants.Pi);

    private static StepResult Log2Of10(TranslatorCpu cpu, in Instruction instruction) => Constant(cpu, instruction, WideConstants.Log2Of10);

    private static StepResult Log2OfE(TranslatorCpu cpu, in Instruction instruction) => Constant(cpu, instruction, WideConstants.Log2OfE);

    private static StepResult Log10Of2(TranslatorCpu cpu, in Instruction instruction) => Constant(cpu, instruction, WideConstants.Log10Of2);

    private static StepResult LogOf2(TranslatorCpu cpu, in Instruction instruction) => Constant(cpu, instruction, WideConstants.LogOf2);

    /// <summary>A constant is rounded as the control word says, and raises nothing.</summary>
    private static StepResult Constant(TranslatorCpu cpu, in Instruction instruction, in Number value)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        var environment = new FpuEnvironment(cpu.C->FpuControl);
        return Push(cpu, instruction, ExtendedMath.Round(value, 64, ref environment));
    }

    private static StepResult Push(TranslatorCpu cpu, in Instruction instruction, Extended value)
    {
        var environment = new FpuEnvironment(cpu.C->FpuControl);
        if (!FpuUnit.IsEmpty(cpu.C, 7))
            value = environment.StackOverflow();
        return Push(cpu, instruction, value, environment);
    }

    private static StepResult Push(TranslatorCpu cpu, in Instruction instruction, Extended value, in FpuEnvironment environment)
    {
        FpuUnit.Note(cpu);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Push(cpu.C, value);
        return StepResult.Next;
    }
}
