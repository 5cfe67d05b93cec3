using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, JRCXZ. The address size chooses the counter, the operand size the branch.</summary>
internal static unsafe class Loops
{
    internal static void Register(HandlerTable table)
    {
        Family<Always>(table, Code.Loop_rel8_16_CX);
        Family<Conditions.Equal>(table, Code.Loope_rel8_16_CX);
        Family<Conditions.Not<Conditions.Equal>>(table, Code.Loopne_rel8_16_CX);
        Set<JumpIfZero>(table, sizeof(ushort), Code.Jcxz_rel8_16, Code.Jcxz_rel8_32);
        Set<JumpIfZero>(table, sizeof(uint), Code.Jecxz_rel8_16, Code.Jecxz_rel8_32, Code.Jecxz_rel8_64);
        Set<JumpIfZero>(table, sizeof(ulong), Code.Jrcxz_rel8_16, Code.Jrcxz_rel8_64);
    }

    /// <summary>Seven forms follow each other: cx with 16- and 32-bit targets, ecx with 16, 32, 64, rcx with 16, 64.</summary>
    private static void Family<TCondition>(HandlerTable table, Code first)
        where TCondition : struct, ICondition
    {
        Set<Loop<TCondition>>(table, sizeof(ushort), first, first + 1);
        Set<Loop<TCondition>>(table, sizeof(uint), first + 2, first + 3, first + 4);
        Set<Loop<TCondition>>(table, sizeof(ulong), first + 5, first + 6);
    }

    private static void Set<THandler>(HandlerTable table, int counterSize, params ReadOnlySpan<Code> forms)
        where THandler : struct, ISizedHandler
    {
        foreach (Code form in forms)
        {
            if (counterSize == sizeof(ushort))
                table.Set(form, &THandler.Run<ushort>);
            else if (counterSize == sizeof(uint))
                table.Set(form, &THandler.Run<uint>);
            else
                table.Set(form, &THandler.Run<ulong>);
        }
    }

    private readonly struct Always : ICondition
    {
        public static bool Holds(CpuContext* c) => true;
    }

    private readonly struct Loop<TCondition> : ISizedHandler
        where TCondition : struct, ICondition
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            ulong count = Sized.Zero<T>(c->Gpr[1] - 1);
            StepResult result = count != 0 && TCondition.Holds(c) ? Branches.Relative(cpu, instruction) : StepResult.Next;
            if (result != StepResult.Fault)
                Sized.WriteGeneral<T>(c, 1, count);
            return result;
        }
    }

    private readonly struct JumpIfZero : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.ReadGeneral<T>(cpu.C, 1) == 0 ? Branches.Relative(cpu, instruction) : StepResult.Next;
    }
}
