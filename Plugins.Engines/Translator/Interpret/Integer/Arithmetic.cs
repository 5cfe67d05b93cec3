using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>ADD OR ADC SBB AND SUB XOR CMP TEST NOT NEG INC DEC.</summary>
internal static unsafe class Arithmetic
{
    internal static void Register(HandlerTable table)
    {
        Family<Binary<ArithmeticUpdates.Add>>(table, Code.Add_rm8_r8, Code.Add_rm8_imm8, Code.Add_rm8_imm8_82, Code.Add_rm16_imm16, Code.Add_rm16_imm8);
        Family<Binary<ArithmeticUpdates.Or>>(table, Code.Or_rm8_r8, Code.Or_rm8_imm8, Code.Or_rm8_imm8_82, Code.Or_rm16_imm16, Code.Or_rm16_imm8);
        Family<Binary<ArithmeticUpdates.AddWithCarry>>(table, Code.Adc_rm8_r8, Code.Adc_rm8_imm8, Code.Adc_rm8_imm8_82, Code.Adc_rm16_imm16, Code.Adc_rm16_imm8);
        Family<Binary<ArithmeticUpdates.SubtractWithBorrow>>(table, Code.Sbb_rm8_r8, Code.Sbb_rm8_imm8, Code.Sbb_rm8_imm8_82, Code.Sbb_rm16_imm16, Code.Sbb_rm16_imm8);
        Family<Binary<ArithmeticUpdates.And>>(table, Code.And_rm8_r8, Code.And_rm8_imm8, Code.And_rm8_imm8_82, Code.And_rm16_imm16, Code.And_rm16_imm8);
        Family<Binary<ArithmeticUpdates.Subtract>>(table, Code.Sub_rm8_r8, Code.Sub_rm8_imm8, Code.Sub_rm8_imm8_82, Code.Sub_rm16_imm16, Code.Sub_rm16_imm8);
        Family<Binary<ArithmeticUpdates.Xor>>(table, Code.Xor_rm8_r8, Code.Xor_rm8_imm8, Code.Xor_rm8_imm8_82, Code.Xor_rm16_imm16, Code.Xor_rm16_imm8);
        Family<Compare>(table, Code.Cmp_rm8_r8, Code.Cmp_rm8_imm8, Code.Cmp_rm8_imm8_82, Code.Cmp_rm16_imm16, Code.Cmp_rm16_imm8);

        Forms.Bytes<Test>(table, Code.Test_rm8_r8, Code.Test_AL_imm8, Code.Test_rm8_imm8, Code.Test_rm8_imm8_F6r1);
        Forms.Words<Test>(table, Code.Test_rm16_r16, Code.Test_AX_imm16, Code.Test_rm16_imm16, Code.Test_rm16_imm16_F7r1);

        Forms.Bytes<Unary<ArithmeticUpdates.Not>>(table, Code.Not_rm8);
        Forms.Words<Unary<ArithmeticUpdates.Not>>(table, Code.Not_rm16);
        Forms.Bytes<Unary<ArithmeticUpdates.Negate>>(table, Code.Neg_rm8);
        Forms.Words<Unary<ArithmeticUpdates.Negate>>(table, Code.Neg_rm16);
        Forms.Bytes<Unary<ArithmeticUpdates.Increment>>(table, Code.Inc_rm8);
        Forms.Words<Unary<ArithmeticUpdates.Increment>>(table, Code.Inc_rm16);
        Forms.LegacyWords<Unary<ArithmeticUpdates.Increment>>(table, Code.Inc_r16);
        Forms.Bytes<Unary<ArithmeticUpdates.Decrement>>(table, Code.Dec_rm8);
        Forms.Words<Unary<ArithmeticUpdates.Decrement>>(table, Code.Dec_rm16);
        Forms.LegacyWords<Unary<ArithmeticUpdates.Decrement>>(table, Code.Dec_r16);
    }

    /// <summary>The twelve forms from opcode xx00 to xx05 follow each other; the immediate groups are named.</summary>
    private static void Family<THandler>(HandlerTable table, Code first, Code group80, Code group82, Code group81, Code group83)
        where THandler : struct, ISizedHandler
    {
        for (Code form = first; form < first + 12; form += 4)
        {
            Forms.Bytes<THandler>(table, form);
            Forms.Words<THandler>(table, form + 1);
        }

        Forms.Bytes<THandler>(table, group80, group82);
        Forms.Words<THandler>(table, group81, group83);
    }

    private readonly struct Binary<TOperation> : ISizedHandler
        where TOperation : struct, IUpdate
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 1, out ulong right) && Update.Destination<T, TOperation>(cpu, instruction, right, 0, out _)
                ? StepResult.Next
                : StepResult.Fault;
    }

    private readonly struct Unary<TOperation> : ISizedHandler
        where TOperation : struct, IUpdate
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Update.Destination<T, TOperation>(cpu, instruction, 0, 0, out _) ? StepResult.Next : StepResult.Fault;
    }

    private readonly struct Compare : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong left) || !Sized.Read<T>(cpu, instruction, 1, out ulong right))
                return StepResult.Fault;
            Flags.Defer(cpu.C, FlagKind.Subtract, Sized.Sign<T>(left - right), Sized.Sign<T>(left), Sized.Sign<T>(right));
            return StepResult.Next;
        }
    }

    private readonly struct Test : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 0, out ulong left) || !Sized.Read<T>(cpu, instruction, 1, out ulong right))
                return StepResult.Fault;
            Flags.Defer(cpu.C, FlagKind.Logic, Sized.Sign<T>(left & right), 0, 0);
            return StepResult.Next;
        }
    }
}
