using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FSQRT, FRNDINT, FSCALE, FXTRACT.</summary>
internal static unsafe class FpuUnary
{
    /// <summary>Scaling by more than this overflows or underflows whatever the operand.</summary>
    private const int ScaleLimit = 1 << 17;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fsqrt, &SquareRoot);
        table.Set(Code.Frndint, &RoundToInteger);
        table.Set(Code.Fscale, &Scale);
        table.Set(Code.Fxtract, &Extract);
    }

    private static StepResult SquareRoot(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, 0)
            ? environment.StackUnderflow()
            : ExtendedMath.SquareRoot(FpuUnit.Operand(c, 0), ref environment);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, result);
        return StepResult.Next;
    }

    private static StepResult RoundToInteger(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, 0)
            ? environment.StackUnderflow()
            : RoundToInteger(FpuUnit.Operand(c, 0), FpuUnit.Read(c, 0), ref environment);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, result);
        return StepResult.Next;
    }

    private static Extended RoundToInteger(in FpuOperand operand, Extended value, ref FpuEnvironment environment)
    {
        if (ExtendedMath.Special(operand, ref environment, out Extended special))
            return special;
        if (operand.Class != FloatClass.Finite || operand.Number.Exponent >= 63)
            return value;
        environment.RaiseDenormal(operand);
        NumberMath.ToInteger(operand.Number, environment.Rounding, out ulong magnitude, out bool inexact);
        if (inexact)
            environment.Raise(FloatFlags.Inexact);
        NumberMath.ToInteger(operand.Number, Rounding.TowardZero, out ulong truncated, out _);
        environment.RoundedUp = magnitude != truncated;
        return magnitude == 0
            ? Extended.Zero(operand.Negative)
            : new FpuOperand { Class = FloatClass.Finite, Number = NumberMath.FromInteger(magnitude, operand.Negative) }.ToExtended();
    }

    /// <summary>FSCALE: ST(0) * 2^trunc(ST(1)).</summary>
    private static StepResult Scale(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, 0) || FpuUnit.IsEmpty(c, 1)
            ? environment.StackUnderflow()
            : Scale(FpuUnit.Operand(c, 0), FpuUnit.Operand(c, 1), ref environment);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, result);
        return StepResult.Next;
    }

    private static Extended Scale(in FpuOperand value, in FpuOperand scale, ref FpuEnvironment environment)
    {
        if (ExtendedMath.Special(value, scale, ref environment, out Extended special))
            return special;
        if (scale.Class == FloatClass.Infinity)
        {
            if (value.Class == (scale.Negative ? FloatClass.Infinity : FloatClass.Zero))
                return environment.Invalid();
            environment.RaiseDenormal(value);
            return scale.Negative ? Extended.Zero(value.Negative) : Extended.Infinity(value.Negative);
        }

        environment.RaiseDenormal(value);
        environment.RaiseDenormal(scale);
        if (value.Class != FloatClass.Finite)
            return value.Class == FloatClass.Zero ? Extended.Zero(value.Negative) : Extended.Infinity(value.Negative);
        int power = 0;
        if (scale.Class == FloatClass.Finite)
        {
            power = NumberMath.ToInteger(scale.Number, Rounding.TowardZero, out ulong magnitude, out _)
                ? (int)Math.Min(magnitude, ScaleLimit) : ScaleLimit;
        }

        Number result = value.Number;
        result.Exponent += scale.Negative ? -power : power;
        return ExtendedMath.Round(result, 64, ref environment);
    }

    /// <summary>FXTRACT: the exponent in place, the significand pushed.</summary>
    private static StepResult Extract(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended exponent;
        Extended significand;
        if (FpuUnit.IsEmpty(c, 0))
            exponent = significand = environment.StackUnderflow();
        else if (!FpuUnit.IsEmpty(c, 7))
            exponent = significand = environment.StackOverflow();
        else
            exponent = Extract(FpuUnit.Operand(c, 0), ref environment, out significand);
        if (!FpuUnit.Commit(cpu, instruction, environment))
            return StepResult.Next;
        FpuUnit.Write(c, 0, exponent);
        FpuUnit.Push(c, significand);
        return StepResult.Next;
    }

    private static Extended Extract(in FpuOperand operand, ref FpuEnvironment environment, out Extended significand)
    {
        if (ExtendedMath.Special(operand, ref environment, out significand))
            return significand;
        if (operand.Class == FloatClass.Zero)
        {
            environment.Raise(FloatFlags.ZeroDivide);
            significand = Extended.Zero(operand.Negative);
            return Extended.Infinity(negative: true);
        }

        if (operand.Class == FloatClass.Infinity)
        {
            significand = Extended.Infinity(operand.Negative);
            return Extended.Infinity(negative: false);
        }

        environment.RaiseDenormal(operand);
        significand = new Extended((ushort)(Extended.Bias | (operand.Negative ? 0x8000 : 0)), operand.Number.High);
        return FpuOperand.FromInteger(operand.Number.Exponent).ToExtended();
    }
}
