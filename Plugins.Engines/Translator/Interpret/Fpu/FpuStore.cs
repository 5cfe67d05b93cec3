using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>FST, FSTP, FIST, FISTP, FISTTP, FBSTP. Memory is written, or at least checked, before the status changes, so that a page fault
/// leaves nothing behind.</summary>
internal static unsafe class FpuStore
{
    /// <summary>Exceptions that, unmasked, leave memory and stack alone.</summary>
    private const uint Blocking = FloatFlags.BeforeComputation | FloatFlags.Overflow | FloatFlags.Underflow;

    private const ulong DecimalLimit = 1_000_000_000_000_000_000;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fst_m32fp, &Float<Binary32, NoPop>);
        table.Set(Code.Fst_m64fp, &Float<Binary64, NoPop>);
        table.Set(Code.Fstp_m32fp, &Float<Binary32, WithPop>);
        table.Set(Code.Fstp_m64fp, &Float<Binary64, WithPop>);
        table.Set(Code.Fstp_m80fp, &ToExtended);
        table.Set(Code.Fist_m16int, &Integer<ushort, NoPop>);
        table.Set(Code.Fist_m32int, &Integer<uint, NoPop>);
        table.Set(Code.Fistp_m16int, &Integer<ushort, WithPop>);
        table.Set(Code.Fistp_m32int, &Integer<uint, WithPop>);
        table.Set(Code.Fistp_m64int, &Integer<ulong, WithPop>);
        table.Set(Code.Fisttp_m16int, &Integer<ushort, WithTruncation>);
        table.Set(Code.Fisttp_m32int, &Integer<uint, WithTruncation>);
        table.Set(Code.Fisttp_m64int, &Integer<ulong, WithTruncation>);
        table.Set(Code.Fbstp_m80bcd, &ToDecimal);
    }

    private static StepResult Float<TFormat, TVariant>(TranslatorCpu cpu, in Instruction instruction)
        where TFormat : struct, IFloatFormat
        where TVariant : struct, IVariant
    {
        int size = TFormat.ExponentBits == 8 ? 4 : 8;
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, size, write: true, out ulong linear))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        ulong bits;
        if (FpuUnit.IsEmpty(c, 0))
        {
            environment.StackUnderflow();
            bits = Narrow<TFormat>(Extended.Indefinite);
        }
        else
        {
            bits = ToFloat<TFormat>(FpuUnit.Operand(c, 0), ref environment);
        }

        if (IsBlocked(environment) ? cpu.Memory.WouldFault(linear, size, write: true) : !Operands.WriteMemory(cpu, linear, size, bits))
            return StepResult.Fault;
        return Finish(cpu, instruction, environment, TVariant.Pops);
    }

    private static StepResult Integer<TInteger, TVariant>(TranslatorCpu cpu, in Instruction instruction)
        where TInteger : unmanaged
        where TVariant : struct, IVariant
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, sizeof(TInteger), write: true, out ulong linear))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);
        ulong limit = 1UL << ((sizeof(TInteger) * 8) - 1);
        ulong value = limit;
        if (FpuUnit.IsEmpty(c, 0))
            environment.StackUnderflow();
        else if (ToInteger(FpuUnit.Operand(c, 0), TVariant.Truncates ? Rounding.TowardZero : environment.Rounding, limit, ref environment, out ulong magnitude))
            value = FpuUnit.Read(c, 0).Negative ? 0 - magnitude : magnitude;
        int size = sizeof(TInteger);
        if (IsBlocked(environment) ? cpu.Memory.WouldFault(linear, size, write: true) : !Operands.WriteMemory(cpu, linear, size, value))
            return StepResult.Fault;
        return Finish(cpu, instruction, environment, TVariant.Pops);
    }

    /// <summary>FSTP m80: the register as it is; only an empty one is an exception.</summary>
    private static StepResult ToExtended(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, 10, write: true, out ulong linear))
            return StepResult.Fault;
        var environment = new FpuEnvironment(cpu.C->FpuControl);
        Extended value = FpuUnit.IsEmpty(cpu.C, 0) ? environment.StackUnderflow() : FpuUnit.Read(cpu.C, 0);
        return Write80(cpu, linear, value.Significand, value.SignExponent, IsBlocked(environment))
            ? Finish(cpu, instruction, environment, pop: true)
            : StepResult.Fault;
    }

    private static StepResult ToDecimal(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, 10, write: true, out ulong linear))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        var environment = new FpuEnvironment(c->FpuControl);

        // "Packed BCD integer indefinite" (SDM volume 1, table 4-4).
        ulong low = 0xc000_0000_0000_0000;
        ushort high = 0xffff;
        if (FpuUnit.IsEmpty(c, 0))
        {
            environment.StackUnderflow();
        }
        else if (ToInteger(FpuUnit.Operand(c, 0), environment.Rounding, DecimalLimit, ref environment, out ulong magnitude, isDecimal: true))
        {
            low = 0;
            for (int shift = 0; shift < 64; shift += 4, magnitude /= 10)
                low |= (magnitude % 10) << shift;
            high = (ushort)((magnitude % 10) | (magnitude / 10 << 4) | (FpuUnit.Read(c, 0).Negative ? 0x8000u : 0));
        }

        return Write80(cpu, linear, low, high, IsBlocked(environment)) ? Finish(cpu, instruction, environment, pop: true) : StepResult.Fault;
    }

    private static bool IsBlocked(in FpuEnvironment environment) => (environment.Raised & ~(uint)environment.Control & Blocking) != 0;

    private static StepResult Finish(TranslatorCpu cpu, in Instruction instruction, FpuEnvironment environment, bool pop)
    {
        FpuUnit.Note(cpu);
        bool blocked = IsBlocked(environment);
        if (blocked)
        {
            // Nothing was stored, so nothing was rounded.
            environment.Raised &= ~FloatFlags.Inexact;
            environment.RoundedUp = false;
        }

        FpuUnit.Commit(cpu, instruction, environment);
        if (pop && !blocked)
            FpuUnit.Pop(cpu.C);
        return StepResult.Next;
    }

    private static bool Write80(TranslatorCpu cpu, ulong linear, ulong low, ushort high, bool blocked)
        => !cpu.Memory.WouldFault(linear, 10, write: true) && (blocked || (cpu.Memory.Write(linear, low) && cpu.Memory.Write(linear + 8, high)));

    private static ulong ToFloat<TFormat>(in FpuOperand value, ref FpuEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (ExtendedMath.Special(value, ref environment, out Extended special))
            return Narrow<TFormat>(special);
        if (value.Class == FloatClass.Zero)
            return SoftFloat.Zero<TFormat>(value.Negative);
        if (value.Class == FloatClass.Infinity)
            return SoftFloat.Infinity<TFormat>(value.Negative);
        FloatEnvironment store = environment.ForStore();
        ulong bits = SoftFloat.Round<TFormat>(value.Number, ref store);
        environment.Raise(store.Raised);
        environment.RoundedUp = store.RoundedUp;
        return bits;
    }

    /// <summary>A quiet NaN in a narrower format.</summary>
    private static ulong Narrow<TFormat>(Extended nan)
        where TFormat : struct, IFloatFormat
        => SoftFloat.Infinity<TFormat>(nan.Negative) | (nan.Significand << 1 >> (64 - TFormat.FractionBits));

    /// <summary>Rounds to an integer whose magnitude is below the limit, or equal to it if negative and not decimal. False: invalid was raised.</summary>
    private static bool ToInteger(
        in FpuOperand value, Rounding rounding, ulong limit, ref FpuEnvironment environment, out ulong magnitude, bool isDecimal = false)
    {
        magnitude = 0;
        if (value.Class == FloatClass.Zero)
            return true;
        if (value.Class == FloatClass.Finite && NumberMath.ToInteger(value.Number, rounding, out magnitude, out bool inexact)
            && (magnitude < limit || (magnitude == limit && value.Negative && !isDecimal)))
        {
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            environment.RoundedUp = inexact && IsUp(value.Number, magnitude);
            return true;
        }

        environment.Raise(FloatFlags.Invalid);
        return false;
    }

    /// <summary>Whether an inexact integer is above the magnitude it came from.</summary>
    private static bool IsUp(in Number number, ulong magnitude)
    {
        NumberMath.ToInteger(number, Rounding.TowardZero, out ulong truncated, out _);
        return magnitude != truncated;
    }

    /// <summary>How a store ends.</summary>
    private interface IVariant
    {
        static abstract bool Pops { get; }

        static abstract bool Truncates { get; }
    }

    private readonly struct NoPop : IVariant
    {
        public static bool Pops => false;

        public static bool Truncates => false;
    }

    private readonly struct WithPop : IVariant
    {
        public static bool Pops => true;

        public static bool Truncates => false;
    }

    private readonly struct WithTruncation : IVariant
    {
        public static bool Pops => true;

        public static bool Truncates => true;
    }
}
