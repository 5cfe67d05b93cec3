using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>AAA AAS AAM AAD DAA DAS (not in 64-bit code, where the decoder refuses them), and SALC, which no manual has but every processor.</summary>
internal static unsafe class DecimalAdjustments
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Aaa, &AsciiAfterAdd);
        table.Set(Code.Aas, &AsciiAfterSubtract);
        table.Set(Code.Aam_imm8, &AsciiAfterMultiply);
        table.Set(Code.Aad_imm8, &AsciiBeforeDivide);
        table.Set(Code.Daa, &DecimalAfterAdd);
        table.Set(Code.Das, &DecimalAfterSubtract);
        table.Set(Code.Salc, &SetAlFromCarry);
    }

    private static StepResult AsciiAfterAdd(TranslatorCpu cpu, in Instruction instruction) => Ascii(cpu.C, 0x106);

    private static StepResult AsciiAfterSubtract(TranslatorCpu cpu, in Instruction instruction) => Ascii(cpu.C, -0x106);

    private static StepResult Ascii(CpuContext* c, int correction)
    {
        ushort* ax = (ushort*)&c->Gpr[0];
        bool adjust = (*ax & 0xf) > 9 || (Flags.Arithmetic(c) & Bits.Adjust) != 0;
        if (adjust)
            *ax = (ushort)(*ax + correction);
        *ax &= 0xff0f;
        SetFlags(c, (byte)*ax, carry: adjust, adjust);
        return StepResult.Next;
    }

    private static StepResult AsciiAfterMultiply(TranslatorCpu cpu, in Instruction instruction)
    {
        int radix = instruction.Immediate8;
        if (radix == 0)
            return cpu.Raise(Vectors.DivideError);
        ushort* ax = (ushort*)&cpu.C->Gpr[0];
        int al = (byte)*ax;
        *ax = (ushort)(((al / radix) << 8) | (al % radix));
        SetFlags(cpu.C, (byte)*ax, carry: false, adjust: false);
        return StepResult.Next;
    }

    private static StepResult AsciiBeforeDivide(TranslatorCpu cpu, in Instruction instruction)
    {
        ushort* ax = (ushort*)&cpu.C->Gpr[0];
        *ax = (byte)((byte)*ax + ((*ax >> 8) * instruction.Immediate8));
        SetFlags(cpu.C, (byte)*ax, carry: false, adjust: false);
        return StepResult.Next;
    }

    private static StepResult DecimalAfterAdd(TranslatorCpu cpu, in Instruction instruction) => Decimal(cpu.C, 1);

    private static StepResult DecimalAfterSubtract(TranslatorCpu cpu, in Instruction instruction) => Decimal(cpu.C, -1);

    private static StepResult Decimal(CpuContext* c, int direction)
    {
        byte* al = (byte*)&c->Gpr[0];
        int old = *al;
        uint flags = Flags.Arithmetic(c);
        bool carry = (flags & Bits.Carry) != 0;
        bool high = old > 0x99 || carry;
        bool low = (old & 0xf) > 9 || (flags & Bits.Adjust) != 0;
        int value = old;
        if (low)
            value += 6 * direction;

        // After the low correction CF is the old one or the borrow or carry that the correction made; DAS keeps it even without a high correction.
        bool lowCarry = low && (carry || value is < 0 or > 0xff);
        if (high)
            value += 0x60 * direction;
        *al = (byte)value;
        SetFlags(c, *al, carry: high || (direction < 0 && lowCarry), adjust: low);
        return StepResult.Next;
    }

    private static void SetFlags(CpuContext* c, byte result, bool carry, bool adjust)
    {
        Flags.Defer(c, FlagKind.Logic, (ulong)(sbyte)result, 0, 0);
        Flags.SetArithmetic(c, Flags.Arithmetic(c) | (carry ? Bits.Carry : 0) | (adjust ? Bits.Adjust : 0));
    }

    private static StepResult SetAlFromCarry(TranslatorCpu cpu, in Instruction instruction)
    {
        *(byte*)&cpu.C->Gpr[0] = Flags.Carry(cpu.C) ? (byte)0xff : (byte)0;
        return StepResult.Next;
    }
}
