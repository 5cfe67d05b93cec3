using Iced.Intel;
namespace Hospes.Engines.Translator.Interpret.System;
internal static unsafe class TempFpu
{
    internal static void Register(HandlerTable t) { foreach (var c in new[]{Code.Fninit, Code.Fnclex, Code.Fninit, Code.Fnstcw_m2byte, Code.Fldcw_m2byte, Code.Wait, Code.Emms}.Distinct()) if (t[c]==null) t.Set(c, &N); if (t[Code.Fnstsw_AX]==null) t.Set(Code.Fnstsw_AX, &S); }
    private static StepResult N(TranslatorCpu cpu, in Instruction i) => StepResult.Next;
    private static StepResult S(TranslatorCpu cpu, in Instruction i) { *(ushort*)&cpu.C->Gpr[0]=0; return StepResult.Next; }
}
