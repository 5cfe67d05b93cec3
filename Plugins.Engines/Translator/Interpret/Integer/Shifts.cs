using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>SHL (also as SAL), SHR, SAR, ROL, ROR, RCL, RCR by 1, by CL and by an immediate.</summary>
internal static class Shifts
{
    internal static void Register(HandlerTable table)
    {
        Family<RotateUpdates.Left>(table, Code.Rol_rm8_imm8, Code.Rol_rm16_imm8, Code.Rol_rm8_1, Code.Rol_rm16_1, Code.Rol_rm8_CL, Code.Rol_rm16_CL);
        Family<RotateUpdates.Right>(table, Code.Ror_rm8_imm8, Code.Ror_rm16_imm8, Code.Ror_rm8_1, Code.Ror_rm16_1, Code.Ror_rm8_CL, Code.Ror_rm16_CL);
        Family<RotateUpdates.LeftThroughCarry>(table, Code.Rcl_rm8_imm8, Code.Rcl_rm16_imm8, Code.Rcl_rm8_1, Code.Rcl_rm16_1, Code.Rcl_rm8_CL, Code.Rcl_rm16_CL);
        Family<RotateUpdates.RightThroughCarry>(table, Code.Rcr_rm8_imm8, Code.Rcr_rm16_imm8, Code.Rcr_rm8_1, Code.Rcr_rm16_1, Code.Rcr_rm8_CL, Code.Rcr_rm16_CL);
        Family<ShiftUpdates.Left>(table, Code.Shl_rm8_imm8, Code.Shl_rm16_imm8, Code.Shl_rm8_1, Code.Shl_rm16_1, Code.Shl_rm8_CL, Code.Shl_rm16_CL);
        Family<ShiftUpdates.Left>(table, Code.Sal_rm8_imm8, Code.Sal_rm16_imm8, Code.Sal_rm8_1, Code.Sal_rm16_1, Code.Sal_rm8_CL, Code.Sal_rm16_CL);
        Family<ShiftUpdates.Right>(table, Code.Shr_rm8_imm8, Code.Shr_rm16_imm8, Code.Shr_rm8_1, Code.Shr_rm16_1, Code.Shr_rm8_CL, Code.Shr_rm16_CL);
        Family<ShiftUpdates.RightArithmetic>(table, Code.Sar_rm8_imm8, Code.Sar_rm16_imm8, Code.Sar_rm8_1, Code.Sar_rm16_1, Code.Sar_rm8_CL, Code.Sar_rm16_CL);
    }

    private static void Family<TOperation>(HandlerTable table, Code byteImmediate, Code wordImmediate, Code byteOne, Code wordOne, Code byteCl, Code wordCl)
        where TOperation : struct, IUpdate
    {
        Forms.Bytes<Shift<TOperation>>(table, byteImmediate, byteOne, byteCl);
        Forms.Words<Shift<TOperation>>(table, wordImmediate, wordOne, wordCl);
    }

    private readonly struct Shift<TOperation> : ISizedHandler
        where TOperation : struct, IUpdate
    {
        public static unsafe StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            int count = (instruction.Op1Kind == OpKind.Register ? (byte)cpu.C->Gpr[1] : instruction.Immediate8) & (sizeof(T) == 8 ? 63 : 31);
            return Update.Destination<T, TOperation>(cpu, instruction, 0, count, out _) ? StepResult.Next : StepResult.Fault;
        }
    }
}
