using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>Jcc, SETcc, CMOVcc. A jump that is not taken answers Next: <c>Rip</c> is already the instruction after it.</summary>
internal static unsafe class Conditionals
{
    internal static void Register(HandlerTable table)
    {
        Pair<Conditions.Overflow>(table, Code.Jo_rel8_16, Code.Jo_rel16, Code.Seto_rm8, Code.Cmovo_r16_rm16, Code.Jno_rel8_16, Code.Jno_rel16, Code.Setno_rm8, Code.Cmovno_r16_rm16);
        Pair<Conditions.Below>(table, Code.Jb_rel8_16, Code.Jb_rel16, Code.Setb_rm8, Code.Cmovb_r16_rm16, Code.Jae_rel8_16, Code.Jae_rel16, Code.Setae_rm8, Code.Cmovae_r16_rm16);
        Pair<Conditions.Equal>(table, Code.Je_rel8_16, Code.Je_rel16, Code.Sete_rm8, Code.Cmove_r16_rm16, Code.Jne_rel8_16, Code.Jne_rel16, Code.Setne_rm8, Code.Cmovne_r16_rm16);
        Pair<Conditions.BelowOrEqual>(table, Code.Jbe_rel8_16, Code.Jbe_rel16, Code.Setbe_rm8, Code.Cmovbe_r16_rm16, Code.Ja_rel8_16, Code.Ja_rel16, Code.Seta_rm8, Code.Cmova_r16_rm16);
        Pair<Conditions.Sign>(table, Code.Js_rel8_16, Code.Js_rel16, Code.Sets_rm8, Code.Cmovs_r16_rm16, Code.Jns_rel8_16, Code.Jns_rel16, Code.Setns_rm8, Code.Cmovns_r16_rm16);
        Pair<Conditions.Parity>(table, Code.Jp_rel8_16, Code.Jp_rel16, Code.Setp_rm8, Code.Cmovp_r16_rm16, Code.Jnp_rel8_16, Code.Jnp_rel16, Code.Setnp_rm8, Code.Cmovnp_r16_rm16);
        Pair<Conditions.Less>(table, Code.Jl_rel8_16, Code.Jl_rel16, Code.Setl_rm8, Code.Cmovl_r16_rm16, Code.Jge_rel8_16, Code.Jge_rel16, Code.Setge_rm8, Code.Cmovge_r16_rm16);
        Pair<Conditions.LessOrEqual>(table, Code.Jle_rel8_16, Code.Jle_rel16, Code.Setle_rm8, Code.Cmovle_r16_rm16, Code.Jg_rel8_16, Code.Jg_rel16, Code.Setg_rm8, Code.Cmovg_r16_rm16);
    }

    private static void Pair<TCondition>(HandlerTable table, Code shortJump, Code longJump, Code set, Code move, Code shortJumpNot, Code longJumpNot, Code setNot, Code moveNot)
        where TCondition : struct, ICondition
    {
        One<TCondition>(table, shortJump, longJump, set, move);
        One<Conditions.Not<TCondition>>(table, shortJumpNot, longJumpNot, setNot, moveNot);
    }

    private static void One<TCondition>(HandlerTable table, Code shortJump, Code longJump, Code set, Code move)
        where TCondition : struct, ICondition
    {
        for (int size = 0; size < 3; size++)
        {
            table.Set(shortJump + size, &Jump<TCondition>);
            table.Set(longJump + size, &Jump<TCondition>);
        }

        table.Set(set, &Set<TCondition>);
        Forms.Words<Move<TCondition>>(table, move);
    }

    private static StepResult Jump<TCondition>(TranslatorCpu cpu, in Instruction instruction)
        where TCondition : struct, ICondition
        => TCondition.Holds(cpu.C) ? Branches.Relative(cpu, instruction) : StepResult.Next;

    private static StepResult Set<TCondition>(TranslatorCpu cpu, in Instruction instruction)
        where TCondition : struct, ICondition
        => Sized.Write<byte>(cpu, instruction, 0, TCondition.Holds(cpu.C) ? 1UL : 0) ? StepResult.Next : StepResult.Fault;

    private readonly struct Move<TCondition> : ISizedHandler
        where TCondition : struct, ICondition
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            // The source is read, and a 32-bit destination's upper half cleared, whatever the condition.
            if (!Sized.Read<T>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            Register destination = instruction.Op0Register;
            Sized.WriteRegister<T>(c, destination, TCondition.Holds(c) ? value : Sized.ReadRegister<T>(c, destination));
            return StepResult.Next;
        }
    }
}
