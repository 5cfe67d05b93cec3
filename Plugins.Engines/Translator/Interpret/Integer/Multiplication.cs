using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>MUL; IMUL with one, two and three operands. CF and OF: the product does not fit the low half. SF, ZF and PF are undefined and follow the low half.</summary>
internal static unsafe class Multiplication
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Unsigned>(table, Code.Mul_rm8);
        Forms.Words<Unsigned>(table, Code.Mul_rm16);
        Forms.Bytes<Signed>(table, Code.Imul_rm8);
        Forms.Words<Signed>(table, Code.Imul_rm16);
        Forms.Words<SignedTruncated>(table, Code.Imul_r16_rm16, Code.Imul_r16_rm16_imm16, Code.Imul_r16_rm16_imm8);
    }

    private static void SetFlags<T>(CpuContext* c, ulong low, bool overflow)
        where T : unmanaged
        => Flags.Defer(c, FlagKind.Given, Sized.Sign<T>(low), 0, overflow ? Bits.Carry | Bits.Overflow : 0);

    /// <summary>Stores a double-width product in AX, or in rDX:rAX.</summary>
    private static void StorePair<T>(CpuContext* c, ulong low, ulong high)
        where T : unmanaged
    {
        if (sizeof(T) == 1)
        {
            Sized.WriteGeneral<ushort>(c, 0, (high << 8) | low);
            return;
        }

        Sized.WriteGeneral<T>(c, 0, low);
        Sized.WriteGeneral<T>(c, 2, high);
    }

    private readonly struct Unsigned : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong right))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            ulong high = Math.BigMul(Sized.ReadGeneral<T>(c, 0), right, out ulong low);
            if (sizeof(T) < 8)
            {
                high = low >> Sized.Bits<T>();
                low = Sized.Zero<T>(low);
            }

            StorePair<T>(c, low, high);
            SetFlags<T>(c, low, high != 0);
            return StepResult.Next;
        }
    }

    private readonly struct Signed : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong right))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            Multiply<T>(Sized.ReadGeneral<T>(c, 0), right, out ulong low, out ulong high, out bool overflow);
            StorePair<T>(c, low, high);
            SetFlags<T>(c, low, overflow);
            return StepResult.Next;
        }
    }

    private readonly struct SignedTruncated : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            bool three = instruction.OpCount == 3;
            if (!Sized.Read<T>(cpu, instruction, three ? 1 : 0, out ulong left) || !Sized.Read<T>(cpu, instruction, three ? 2 : 1, out ulong right))
                return StepResult.Fault;
            Multiply<T>(left, right, out ulong low, out _, out bool overflow);
            Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, low);
            SetFlags<T>(cpu.C, low, overflow);
            return StepResult.Next;
        }
    }

    private static void Multiply<T>(ulong left, ulong right, out ulong low, out ulong high, out bool overflow)
        where T : unmanaged
    {
        long upper = Math.BigMul((long)Sized.Sign<T>(left), (long)Sized.Sign<T>(right), out long lower);
        low = Sized.Zero<T>((ulong)lower);
        if (sizeof(T) == 8)
        {
            high = (ulong)upper;
            overflow = upper != lower >> 63;
        }
        else
        {
            high = Sized.Zero<T>((ulong)(lower >> Sized.Bits<T>()));
            overflow = (ulong)lower != Sized.Sign<T>(low);
        }
    }
}
