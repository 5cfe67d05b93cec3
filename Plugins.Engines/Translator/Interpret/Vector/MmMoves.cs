using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>MMX moves, insertions, masks and EMMS.</summary>
internal static unsafe class MmMoves
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Movq_mm_mmm64, &Load);
        table.Set(Code.Movq_mmm64_mm, &Store);
        table.Set(Code.Movntq_m64_mm, &Store);
        table.Set(Code.Movd_mm_rm32, &FromGeneral<uint>);
        table.Set(Code.Movq_mm_rm64, &FromGeneral<ulong>);
        table.Set(Code.Movd_rm32_mm, &ToGeneral<uint>);
        table.Set(Code.Movq_rm64_mm, &ToGeneral<ulong>);
        table.Set(Code.Movq2dq_xmm_mm, &ToXmm);
        table.Set(Code.Movdq2q_mm_xmm, &FromXmm);
        table.Set(Code.Pinsrw_mm_r32m16_imm8, &InsertWord);
        table.Set(Code.Pinsrw_mm_r64m16_imm8, &InsertWord);
        table.Set(Code.Pextrw_r32_mm_imm8, &ExtractWord);
        table.Set(Code.Pextrw_r64_mm_imm8, &ExtractWord);
        table.Set(Code.Pmovmskb_r32_mm, &MaskBytes);
        table.Set(Code.Pmovmskb_r64_mm, &MaskBytes);
        table.Set(Code.Pshufw_mm_mmm64_imm8, &ShuffleWords);
        table.Set(Code.Palignr_mm_mmm64_imm8, &Align);
        table.Set(Code.Maskmovq_rDI_mm_mm, &StoreMasked);
        table.Set(Code.Emms, &Empty);
    }

    private static StepResult Load(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu) || !MmState.ReadSource<ulong>(cpu, instruction, out ulong value))
            return StepResult.Fault;
        MmState.Write(cpu, instruction.Op0Register, value);
        return StepResult.Next;
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        ulong value = MmState.Read(cpu, instruction.Op1Register);
        if (instruction.Op0Kind == OpKind.Register)
        {
            MmState.Write(cpu, instruction.Op0Register, value);
            return StepResult.Next;
        }

        if (!Operands.Linear(cpu, instruction, 8, write: true, out ulong linear) || !cpu.Memory.Write(linear, value))
            return StepResult.Fault;
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    private static StepResult FromGeneral<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!MmState.Ready(cpu) || !Operands.Read(cpu, instruction, 1, sizeof(T), out ulong value))
            return StepResult.Fault;
        MmState.Write(cpu, instruction.Op0Register, value);
        return StepResult.Next;
    }

    private static StepResult ToGeneral<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        ulong value = Operands.Truncate(MmState.Read(cpu, instruction.Op1Register), sizeof(T));
        if (!Operands.Write(cpu, instruction, 0, sizeof(T), value))
            return StepResult.Fault;
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    private static StepResult ToXmm(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !MmState.Ready(cpu))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = Vector128.CreateScalar(MmState.Read(cpu, instruction.Op1Register)).AsByte();
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    private static StepResult FromXmm(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !MmState.Ready(cpu))
            return StepResult.Fault;
        MmState.Write(cpu, instruction.Op0Register, *(ulong*)VectorState.Xmm(cpu, instruction.Op1Register));
        return StepResult.Next;
    }

    private static StepResult InsertWord(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu) || !Operands.Read(cpu, instruction, 1, 2, out ulong value))
            return StepResult.Fault;
        int shift = (instruction.Immediate8 & 3) * 16;
        ulong old = MmState.Read(cpu, instruction.Op0Register) & ~(0xffffUL << shift);
        MmState.Write(cpu, instruction.Op0Register, old | ((ulong)(ushort)value << shift));
        return StepResult.Next;
    }

    private static StepResult ExtractWord(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        ulong value = MmState.Read(cpu, instruction.Op1Register) >> ((instruction.Immediate8 & 3) * 16);
        Registers.Write(cpu.C, instruction.Op0Register, (ushort)value);
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    private static StepResult MaskBytes(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        Registers.Write(cpu.C, instruction.Op0Register, Mask(MmState.Read(cpu, instruction.Op1Register)));
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    private static StepResult ShuffleWords(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu) || !MmState.ReadSource<ulong>(cpu, instruction, out ulong source))
            return StepResult.Fault;
        MmState.Write(cpu, instruction.Op0Register, ImmediateShuffles.ShuffleWords(source, instruction.Immediate8));
        return StepResult.Next;
    }

    private static StepResult Align(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu) || !MmState.ReadSource<ulong>(cpu, instruction, out ulong source))
            return StepResult.Fault;
        var window = new UInt128(MmState.Read(cpu, instruction.Op0Register), source);
        int count = instruction.Immediate8;
        MmState.Write(cpu, instruction.Op0Register, count >= 16 ? 0 : (ulong)(window >> (count * 8)));
        return StepResult.Next;
    }

    private static StepResult StoreMasked(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        ulong value = MmState.Read(cpu, instruction.Op1Register);
        if (!VectorMoves.StoreMasked(cpu, instruction, (byte*)&value, Mask(MmState.Read(cpu, instruction.Op2Register)), 8))
            return StepResult.Fault;
        MmState.Enter(cpu);
        return StepResult.Next;
    }

    /// <summary>EMMS: all registers are free again.</summary>
    private static StepResult Empty(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!MmState.Ready(cpu))
            return StepResult.Fault;
        cpu.C->FpuTags = 0;
        cpu.C->FpuTop = 0;
        return StepResult.Next;
    }

    private static uint Mask(ulong value) => Vector128.CreateScalar(value).AsByte().ExtractMostSignificantBits();
}
