using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>CBW CWDE CDQE: the accumulator widens. CWD CDQ CQO: its sign fills rDX.</summary>
internal static unsafe class Conversions
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Cbw, &Widen<byte, ushort>);
        table.Set(Code.Cwde, &Widen<ushort, uint>);
        table.Set(Code.Cdqe, &Widen<uint, ulong>);
        table.Set(Code.Cwd, &Spread<ushort>);
        table.Set(Code.Cdq, &Spread<uint>);
        table.Set(Code.Cqo, &Spread<ulong>);
    }

    private static StepResult Widen<TNarrow, TWide>(TranslatorCpu cpu, in Instruction instruction)
        where TNarrow : unmanaged
        where TWide : unmanaged
    {
        Sized.WriteGeneral<TWide>(cpu.C, 0, Sized.Sign<TNarrow>(cpu.C->Gpr[0]));
        return StepResult.Next;
    }

    private static StepResult Spread<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        Sized.WriteGeneral<T>(cpu.C, 2, Sized.IsNegative<T>(cpu.C->Gpr[0]) ? ulong.MaxValue : 0);
        return StepResult.Next;
    }
}
