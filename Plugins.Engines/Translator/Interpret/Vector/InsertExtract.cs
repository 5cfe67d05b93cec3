using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Single elements between xmm registers and general registers or memory.</summary>
internal static unsafe class InsertExtract
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pinsrb_xmm_r32m8_imm8, &Insert<byte>);
        table.Set(Code.Pinsrb_xmm_r64m8_imm8, &Insert<byte>);
        table.Set(Code.Pinsrw_xmm_r32m16_imm8, &Insert<ushort>);
        table.Set(Code.Pinsrw_xmm_r64m16_imm8, &Insert<ushort>);
        table.Set(Code.Pinsrd_xmm_rm32_imm8, &Insert<uint>);
        table.Set(Code.Pinsrq_xmm_rm64_imm8, &Insert<ulong>);
        table.Set(Code.Pextrb_r32m8_xmm_imm8, &Extract<byte>);
        table.Set(Code.Pextrb_r64m8_xmm_imm8, &Extract<byte>);
        table.Set(Code.Pextrw_r32_xmm_imm8, &Extract<ushort>);
        table.Set(Code.Pextrw_r64_xmm_imm8, &Extract<ushort>);
        table.Set(Code.Pextrw_r32m16_xmm_imm8, &Extract<ushort>);
        table.Set(Code.Pextrw_r64m16_xmm_imm8, &Extract<ushort>);
        table.Set(Code.Pextrd_rm32_xmm_imm8, &Extract<uint>);
        table.Set(Code.Pextrq_rm64_xmm_imm8, &Extract<ulong>);
        table.Set(Code.Extractps_rm32_xmm_imm8, &Extract<uint>);
        table.Set(Code.Extractps_r64m32_xmm_imm8, &Extract<uint>);
        table.Set(Code.Insertps_xmm_xmmm32_imm8, &InsertSingle);
    }

    private static StepResult Insert<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu) || !Operands.Read(cpu, instruction, 1, sizeof(T), out ulong value))
            return StepResult.Fault;
        int index = instruction.Immediate8 & ((16 / sizeof(T)) - 1);
        ((T*)VectorState.Xmm(cpu, instruction.Op0Register))[index] = *(T*)&value;
        return StepResult.Next;
    }

    private static StepResult Extract<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        int index = instruction.Immediate8 & ((16 / sizeof(T)) - 1);
        ulong value = 0;
        *(T*)&value = ((T*)VectorState.Xmm(cpu, instruction.Op1Register))[index];
        return Operands.Write(cpu, instruction, 0, sizeof(T), value) ? StepResult.Next : StepResult.Fault;
    }

    /// <summary>INSERTPS: bits 7-6 choose the source's element (registers only), 5-4 its place, 3-0 elements to clear.</summary>
    private static StepResult InsertSingle(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<uint>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        byte immediate = instruction.Immediate8;
        uint* destination = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        int from = instruction.Op1Kind == OpKind.Register ? immediate >> 6 : 0;
        destination[(immediate >> 4) & 3] = ((uint*)&source)[from];
        for (int i = 0; i < 4; i++)
        {
            if ((immediate & (1 << i)) != 0)
                destination[i] = 0;
        }

        return StepResult.Next;
    }
}
