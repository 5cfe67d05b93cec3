using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>LAHF SAHF CLC STC CMC CLD STD.</summary>
internal static unsafe class FlagInstructions
{
    private const uint InAh = Bits.Carry | Bits.Parity | Bits.Adjust | Bits.Zero | Bits.Sign;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Lahf, &Load);
        table.Set(Code.Sahf, &Store);
        table.Set(Code.Clc, &ClearCarry);
        table.Set(Code.Stc, &SetCarry);
        table.Set(Code.Cmc, &ComplementCarry);
        table.Set(Code.Cld, &ClearDirection);
        table.Set(Code.Std, &SetDirection);
    }

    private static StepResult Load(TranslatorCpu cpu, in Instruction instruction)
    {
        ((byte*)&cpu.C->Gpr[0])[1] = (byte)((Flags.Arithmetic(cpu.C) & InAh) | Bits.Fixed1);
        return StepResult.Next;
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction)
    {
        uint ah = (byte)(cpu.C->Gpr[0] >> 8);
        Flags.SetArithmetic(cpu.C, (Flags.Arithmetic(cpu.C) & Bits.Overflow) | (ah & InAh));
        return StepResult.Next;
    }

    private static StepResult ClearCarry(TranslatorCpu cpu, in Instruction instruction)
    {
        Flags.SetArithmetic(cpu.C, Flags.Arithmetic(cpu.C) & ~Bits.Carry);
        return StepResult.Next;
    }

    private static StepResult SetCarry(TranslatorCpu cpu, in Instruction instruction)
    {
        Flags.SetArithmetic(cpu.C, Flags.Arithmetic(cpu.C) | Bits.Carry);
        return StepResult.Next;
    }

    private static StepResult ComplementCarry(TranslatorCpu cpu, in Instruction instruction)
    {
        Flags.SetArithmetic(cpu.C, Flags.Arithmetic(cpu.C) ^ Bits.Carry);
        return StepResult.Next;
    }

    private static StepResult ClearDirection(TranslatorCpu cpu, in Instruction instruction)
    {
        cpu.C->SystemFlags &= ~Bits.Direction;
        return StepResult.Next;
    }

    private static StepResult SetDirection(TranslatorCpu cpu, in Instruction instruction)
    {
        cpu.C->SystemFlags |= Bits.Direction;
        return StepResult.Next;
    }
}
