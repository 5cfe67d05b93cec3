using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FPREM and FPREM1: exact remainders, in steps when the quotient is long (SDM volume 2).</summary>
internal static unsafe class FpuRemainder
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fprem, &Truncating);
        table.Set(Code.Fprem1, &Nearest);
    }

    private static StepResult Truncating(TranslatorCpu cpu, in Instruction instruction) => Run(cpu, instruction, nearest: false);

    private static StepResult Nearest(TranslatorCpu cpu, in Instruction instruction) => Run(cpu, instruction, nearest: true);

    private static StepResult Run(TranslatorCpu cpu, in Instruction instruction, bool nearest)
    {
        if (!FpuUnit.Ready(cpu))
            return StepResult.Fault;
        FpuUnit.Note(cpu);
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        ulong quotient = 0;
        bool partial = false;
        Extended result = FpuUnit.IsEmpty(c, 0) || FpuUnit.IsEmpty(c, 1)
            ? environment.StackUnderflow()
            : Remainder(FpuUnit.Operand(c, 0), FpuUnit.Operand(c, 1), nearest, ref environment, out quotient, out partial);
        bool completed = FpuUnit.Commit(cpu, instruction, environment);
        if (completed)
            FpuUnit.Write(c, 0, result);
        c->FpuStatus &= unchecked((ushort)~FpuWords.C2);

        // Without a quotient, which is where the result is a NaN, its bits stay what they were.
        if (!completed || (result.SignExponent & Extended.MaximumExponent) == Extended.MaximumExponent)
            return StepResult.Next;

        // The quotient's lowest bits: bit 2 in C0, bit 1 in C3, bit 0 in C1.
        FpuUnit.SetConditions(
            c, ((quotient & 4) != 0 ? FpuWords.C0 : 0) | ((quotient & 2) != 0 ? FpuWords.C3 : 0) | (partial ? FpuWords.C2 : 0));
        c->FpuStatus = (ushort)((c->FpuStatus & ~FpuWords.C1) | ((quotient & 1) != 0 ? FpuWords.C1 : 0));
        return StepResult.Next;
    }

    private static Extended Remainder(
        in FpuOperand x, in FpuOperand y, bool nearest, ref FpuEnvironment environment, out ulong quotient, out bool partial)
    {
        quotient = 0;
        partial = false;
        if (ExtendedMath.Special(x, y, ref environment, out Extended special))
            return special;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Zero)
            return environment.Invalid();
        environment.RaiseDenormal(x);
        environment.RaiseDenormal(y);
        if (x.Class == FloatClass.Zero)
            return Extended.Zero(x.Negative);
        int distance = x.Number.Exponent - y.Number.Exponent;
        if (y.Class == FloatClass.Infinity || distance < -1 || (distance < 0 && !nearest))
            return ExtendedMath.Round(x.Number, 64, ref environment);

        ulong divisor = y.Number.High;
        ulong remainder;
        bool negative = x.Negative;
        int exponent = y.Number.Exponent;
        if (distance == -1)
        {
            // Less than the divisor; more than half of it rounds up to one.
            if (x.Number.High <= divisor)
                return ExtendedMath.Round(x.Number, 64, ref environment);
            quotient = 1;
            remainder = (ulong)(((UInt128)divisor << 1) - x.Number.High);
            negative = !negative;
            exponent--;
        }
        else
        {
            partial = distance >= 64;

            // Quotients below 2^64 take one step. Of longer ones the SDM leaves open how much a step does (32 to 63 bits); this makes every
            // later distance a multiple of 32.
            int step = partial ? 32 + (distance & 31) : distance;
            exponent += distance - step;
            UInt128 dividend = (UInt128)x.Number.High << step;
            UInt128 full = dividend / divisor;
            remainder = (ulong)(dividend - (full * divisor));
            quotient = (ulong)full;
            ulong other = divisor - remainder;
            if (nearest && !partial && (remainder > other || (remainder == other && (quotient & 1) != 0)))
            {
                remainder = other;
                negative = !negative;
                quotient++;
            }
        }

        if (partial)
            quotient = 0;
        if (remainder == 0)
            return Extended.Zero(x.Negative);
        Number result = NumberMath.FromInteger(remainder, negative);
        result.Exponent += exponent - 63;
        return ExtendedMath.Round(result, 64, ref environment);
    }
}
