using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 (SDM volume 1, section 8.3.10; special cases from volume 2's tables).</summary>
internal static unsafe class FpuTranscendental
{
    /// <summary>Angles of 2^63 and more are not reduced: C2 says so and nothing is changed.</summary>
    private const int AngleLimit = 63;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fsin, &Sine);
        table.Set(Code.Fcos, &Cosine);
        table.Set(Code.Fsincos, &SineAndCosine);
        table.Set(Code.Fptan, &Tangent);
        table.Set(Code.Fpatan, &ArcTangent);
        table.Set(Code.F2xm1, &ExponentialLessOne);
        table.Set(Code.Fyl2x, &Logarithm);
        table.Set(Code.Fyl2xp1, &LogarithmOfOnePlus);
    }

    private static StepResult Sine(TranslatorCpu cpu, in Instruction instruction) => Angle(cpu, instruction, AngleFunction.Sine);

    private static StepResult Cosine(TranslatorCpu cpu, in Instruction instruction) => Angle(cpu, instruction, AngleFunction.Cosine);

    private static StepResult SineAndCosine(TranslatorCpu cpu, in Instruction instruction) => Angle(cpu, instruction, AngleFunction.Both);

    private static StepResult Tangent(TranslatorCpu cpu, in Instruction instruction) => Angle(cpu, instruction, AngleFunction.Tangent);

    private enum AngleFunction
    {
        Sine,
        Cosine,

        /// <summary>Replaces by the sine, pushes the cosine.</summary>
        Both,

        /// <summary>Replaces by the tangent, pushes one.</summary>
        Tangent,
    }

    private static StepResult Angle(TranslatorCpu cpu, in Instruction instruction, AngleFunction function)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        c->FpuStatus &= unchecked((ushort)~FpuWords.C2);
        var environment = new FpuEnvironment(c->FpuControl);
        bool pushes = function is AngleFunction.Both or AngleFunction.Tangent;
        Extended first;
        Extended second = default;
        if (FpuUnit.IsEmpty(c, 0))
        {
            first = second = environment.StackUnderflow();
        }
        else if (pushes && !FpuUnit.IsEmpty(c, 7))
        {
            first = second = environment.StackOverflow();
        }
        else
        {
            FpuOperand operand = FpuUnit.Operand(c, 0);
            if (operand.Class == FloatClass.Finite && operand.Number.Exponent >= AngleLimit)
            {
                c->FpuStatus = (ushort)((c->FpuStatus & ~FpuWords.C1) | FpuWords.C2);
                return StepResult.Next;
            }

            first = Angle(operand, function, ref environment, out second);
        }

        if (!FpuUnit.Commit(cpu, instruction, environment))
            return StepResult.Next;
        FpuUnit.Write(c, 0, first);
        if (pushes)
            FpuUnit.Push(c, second);
        return StepResult.Next;
    }

    private static Extended Angle(in FpuOperand operand, AngleFunction function, ref FpuEnvironment environment, out Extended second)
    {
        if (ExtendedMath.Special(operand, ref environment, out second))
            return second;
        if (operand.Class == FloatClass.Infinity)
            return second = environment.Invalid();
        second = Extended.One;
        if (operand.Class == FloatClass.Zero)
            return function == AngleFunction.Cosine ? Extended.One : Extended.Zero(operand.Negative);
        environment.RaiseDenormal(operand);
        Number angle = WideFunctions.Reduce(operand.Number, out int quadrant);
        switch (function)
        {
            case AngleFunction.Sine:
                return Inexact(SineAt(angle, quadrant), ref environment);
            case AngleFunction.Cosine:
                return Inexact(SineAt(angle, quadrant + 1), ref environment);
            case AngleFunction.Tangent:
                return Inexact(WideMath.Divide(SineAt(angle, quadrant), SineAt(angle, quadrant + 1)), ref environment);
            default:
                second = Inexact(SineAt(angle, quadrant + 1), ref environment);
                return Inexact(SineAt(angle, quadrant), ref environment);
        }
    }

    /// <summary>sin(angle + quadrant * pi / 2).</summary>
    private static Number SineAt(in Number angle, int quadrant)
    {
        Number value = (quadrant & 1) == 0 ? WideFunctions.Sine(angle) : WideFunctions.Cosine(angle);
        return (quadrant & 2) != 0 ? WideMath.Negate(value) : value;
    }

    private static StepResult ExponentialLessOne(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result = FpuUnit.IsEmpty(c, 0) ? environment.StackUnderflow() : ExponentialLessOne(FpuUnit.Operand(c, 0), ref environment);
        if (FpuUnit.Commit(cpu, instruction, environment))
            FpuUnit.Write(c, 0, result);
        return StepResult.Next;
    }

    private static Extended ExponentialLessOne(in FpuOperand operand, ref FpuEnvironment environment)
    {
        if (ExtendedMath.Special(operand, ref environment, out Extended special))
            return special;
        if (operand.Class == FloatClass.Zero)
            return Extended.Zero(operand.Negative);
        if (operand.Class == FloatClass.Infinity)
            return operand.Negative ? Extended.One with { SignExponent = 0x8000 | Extended.Bias } : Extended.Infinity(negative: false);
        environment.RaiseDenormal(operand);
        environment.Raise(FloatFlags.Inexact);
        if (operand.Number is { Exponent: 0, High: 1UL << 63 })
            return operand.Negative ? new Extended(0x8000 | (Extended.Bias - 1), Extended.IntegerBit) : Extended.One;

        // Beyond one the result is undefined (SDM): the operand stays.
        return operand.Number.Exponent >= 0
            ? operand.ToExtended()
            : Inexact(WideFunctions.ExponentialLessOne(operand.Number), ref environment);
    }

    private static StepResult ArcTangent(TranslatorCpu cpu, in Instruction instruction) => TwoOperands(cpu, instruction, &ArcTangent);

    private static StepResult Logarithm(TranslatorCpu cpu, in Instruction instruction) => TwoOperands(cpu, instruction, &Logarithm);

    private static StepResult LogarithmOfOnePlus(TranslatorCpu cpu, in Instruction instruction) => TwoOperands(cpu, instruction, &LogarithmOfOnePlus);

    /// <summary>ST(1) = function(ST(1), ST(0)), then pop.</summary>
    private static StepResult TwoOperands(
        TranslatorCpu cpu, in Instruction instruction, delegate*<in FpuOperand, in FpuOperand, ref FpuEnvironment, Extended> function)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        Extended result;
        if (FpuUnit.IsEmpty(c, 0) || FpuUnit.IsEmpty(c, 1))
        {
            result = environment.StackUnderflow();
        }
        else
        {
            FpuOperand y = FpuUnit.Operand(c, 1);
            FpuOperand x = FpuUnit.Operand(c, 0);
            if (!ExtendedMath.Special(y, x, ref environment, out result))
                result = function(y, x, ref environment);
        }

        if (!FpuUnit.Commit(cpu, instruction, environment))
            return StepResult.Next;
        FpuUnit.Write(c, 1, result);
        FpuUnit.Pop(c);
        return StepResult.Next;
    }

    /// <summary>FPATAN: the angle of the point (x, y), in the half plane of y's sign.</summary>
    private static Extended ArcTangent(in FpuOperand y, in FpuOperand x, ref FpuEnvironment environment)
    {
        environment.RaiseDenormal(y);
        environment.RaiseDenormal(x);
        bool finite = y.Class == FloatClass.Finite && x.Class == FloatClass.Finite;
        Number angle;
        if (finite)
        {
            angle = WideFunctions.ArcTangent(y.Number with { Negative = false }, x.Number with { Negative = false });
            if (x.Negative)
                angle = WideMath.Add(WideConstants.Pi, WideMath.Negate(angle));
        }
        else if (y.Class == FloatClass.Infinity)
        {
            // pi/4, pi/2 or 3 pi/4.
            int eighths = x.Class != FloatClass.Infinity ? 2 : x.Negative ? 3 : 1;
            angle = NumberMath.FromInteger((ulong)eighths, negative: false);
            angle = WideMath.Multiply(angle, WideConstants.Pi with { Exponent = -1 });
        }
        else if (y.Class == FloatClass.Zero || x.Class == FloatClass.Infinity)
        {
            if (!x.Negative)
                return Extended.Zero(y.Negative);
            angle = WideConstants.Pi;
        }
        else
        {
            angle = WideConstants.HalfPi;
        }

        angle.Negative = y.Negative;
        return Inexact(angle, ref environment);
    }

    /// <summary>FYL2X: y * log2(x).</summary>
    private static Extended Logarithm(in FpuOperand y, in FpuOperand x, ref FpuEnvironment environment)
    {
        if (x.Class != FloatClass.Zero && x.Negative)
            return environment.Invalid();
        if (x.Class == FloatClass.Infinity || x.Class == FloatClass.Zero)
        {
            if (y.Class == FloatClass.Zero)
                return environment.Invalid();
            if (x.Class == FloatClass.Zero && y.Class != FloatClass.Infinity)
                environment.Raise(FloatFlags.ZeroDivide);
            else
                environment.RaiseDenormal(y);
            return Extended.Infinity(y.Negative ^ (x.Class == FloatClass.Zero));
        }

        bool isOne = x.Number is { Exponent: 0, High: 1UL << 63 };
        bool belowOne = x.Number.Exponent < 0;
        if (y.Class == FloatClass.Infinity)
        {
            if (isOne)
                return environment.Invalid();
            environment.RaiseDenormal(x);
            return Extended.Infinity(y.Negative ^ belowOne);
        }

        environment.RaiseDenormal(y);
        environment.RaiseDenormal(x);
        if (y.Class == FloatClass.Zero || isOne)
            return Extended.Zero(y.Negative ^ belowOne);
        Number logarithm = WideFunctions.Log2(x.Number);

        // A power of two gives an exact product, of which processors say "inexact" all the same; anything else has no finite form.
        environment.Raise(FloatFlags.Inexact);
        if (x.Number.High != 1UL << 63)
            return Inexact(WideMath.Multiply(logarithm, y.Number), ref environment);
        Extended product = ExtendedMath.Round(NumberMath.Multiply(logarithm, y.Number), 64, ref environment);
        if ((product.SignExponent & Extended.MaximumExponent) == 0)
            environment.Raise(FloatFlags.Underflow);
        return product;
    }

    /// <summary>FYL2XP1: y * log2(1 + x).</summary>
    private static Extended LogarithmOfOnePlus(in FpuOperand y, in FpuOperand x, ref FpuEnvironment environment)
    {
        if (x.Class == FloatClass.Infinity)
        {
            if (x.Negative || y.Class == FloatClass.Zero)
                return environment.Invalid();
            environment.RaiseDenormal(y);
            return Extended.Infinity(y.Negative);
        }

        bool negative = y.Negative ^ x.Negative;
        if (x.Class == FloatClass.Zero)
        {
            if (y.Class == FloatClass.Infinity)
                return environment.Invalid();
            environment.RaiseDenormal(y);
            return Extended.Zero(negative);
        }

        if (x.Negative && x.Number.Exponent >= 0)
            return environment.Invalid();
        environment.RaiseDenormal(y);
        environment.RaiseDenormal(x);
        if (y.Class == FloatClass.Infinity)
            return Extended.Infinity(negative);
        return y.Class == FloatClass.Zero
            ? Extended.Zero(negative)
            : Inexact(WideMath.Multiply(WideFunctions.Log2OfOnePlus(x.Number), y.Number), ref environment);
    }

    /// <summary>Rounds a value that is known not to be exact, whatever its 128 bits look like.</summary>
    private static Extended Inexact(in Number value, ref FpuEnvironment environment)
        => ExtendedMath.Round(value with { Low = value.Low | 1 }, 64, ref environment);
}
