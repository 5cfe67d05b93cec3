using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>DIV and IDIV; #DE for a zero divisor and for a quotient that does not fit. The flags are undefined and stay.</summary>
internal static unsafe class Division
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Unsigned>(table, Code.Div_rm8);
        Forms.Words<Unsigned>(table, Code.Div_rm16);
        Forms.Bytes<Signed>(table, Code.Idiv_rm8);
        Forms.Words<Signed>(table, Code.Idiv_rm16);
    }

    /// <summary>The dividend's halves: AH:AL, or rDX:rAX.</summary>
    private static void ReadPair<T>(CpuContext* c, out ulong low, out ulong high)
        where T : unmanaged
    {
        low = Sized.ReadGeneral<T>(c, 0);
        high = sizeof(T) == 1 ? (byte)(c->Gpr[0] >> 8) : Sized.ReadGeneral<T>(c, 2);
    }

    private static void Store<T>(CpuContext* c, ulong quotient, ulong remainder)
        where T : unmanaged
    {
        if (sizeof(T) == 1)
        {
            Sized.WriteGeneral<ushort>(c, 0, (remainder << 8) | (byte)quotient);
            return;
        }

        Sized.WriteGeneral<T>(c, 0, quotient);
        Sized.WriteGeneral<T>(c, 2, remainder);
    }

    private readonly struct Unsigned : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong divisor))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            ReadPair<T>(c, out ulong low, out ulong high);

            // The quotient fits exactly when the high half is less than the divisor; that includes a zero divisor.
            if (high >= divisor)
                return cpu.Raise(Vectors.DivideError);
            ulong quotient;
            ulong remainder;
            if (sizeof(T) < 8 || high == 0)
            {
                ulong dividend = sizeof(T) < 8 ? (high << Sized.Bits<T>()) | low : low;
                (quotient, remainder) = Math.DivRem(dividend, divisor);
            }
            else
            {
                (UInt128 wide, UInt128 rest) = UInt128.DivRem(new UInt128(high, low), divisor);
                (quotient, remainder) = ((ulong)wide, (ulong)rest);
            }

            Store<T>(c, quotient, remainder);
            return StepResult.Next;
        }
    }

    private readonly struct Signed : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong raw))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            ReadPair<T>(c, out ulong low, out ulong high);
            long divisor = (long)Sized.Sign<T>(raw);
            if (divisor == 0)
                return cpu.Raise(Vectors.DivideError);
            if (sizeof(T) == 8 && (long)high != (long)low >> 63)
                return Wide(cpu, low, high, divisor);
            long dividend = (long)low;
            if (sizeof(T) < 8)
                dividend = (long)((high << Sized.Bits<T>()) | low) << (64 - (2 * Sized.Bits<T>())) >> (64 - (2 * Sized.Bits<T>()));

            // The one pair whose quotient .NET refuses to compute; it fits no width.
            if (dividend == long.MinValue && divisor == -1)
                return cpu.Raise(Vectors.DivideError);
            long quotient = dividend / divisor;
            if (quotient != (long)Sized.Sign<T>((ulong)quotient))
                return cpu.Raise(Vectors.DivideError);
            Store<T>(c, Sized.Zero<T>((ulong)quotient), Sized.Zero<T>((ulong)(dividend - (quotient * divisor))));
            return StepResult.Next;
        }

        private static StepResult Wide(TranslatorCpu cpu, ulong low, ulong high, long divisor)
        {
            var dividend = new Int128(high, low);
            if (dividend == Int128.MinValue && divisor == -1)
                return cpu.Raise(Vectors.DivideError);
            Int128 quotient = dividend / divisor;
            if (quotient < long.MinValue || quotient > long.MaxValue)
                return cpu.Raise(Vectors.DivideError);
            Store<ulong>(cpu.C, (ulong)quotient, (ulong)(dividend - (quotient * divisor)));
            return StepResult.Next;
        }
    }
}
