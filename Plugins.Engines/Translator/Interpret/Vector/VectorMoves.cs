using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Moves of whole xmm registers and of their parts. Non-temporal ones are ordinary moves: there is no cache to spare.</summary>
internal static unsafe class VectorMoves
{
    internal static void Register(HandlerTable table)
    {
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movups_xmm_xmmm128, Code.Movupd_xmm_xmmm128, Code.Movdqu_xmm_xmmm128, Code.Lddqu_xmm_m128])
            table.Set(code, &Load);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movaps_xmm_xmmm128, Code.Movapd_xmm_xmmm128, Code.Movdqa_xmm_xmmm128, Code.Movntdqa_xmm_m128])
            table.Set(code, &LoadAligned);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movups_xmmm128_xmm, Code.Movupd_xmmm128_xmm, Code.Movdqu_xmmm128_xmm])
            table.Set(code, &Store);
        foreach (Code code in (ReadOnlySpan<Code>)[
            Code.Movaps_xmmm128_xmm, Code.Movapd_xmmm128_xmm, Code.Movdqa_xmmm128_xmm,
            Code.Movntps_m128_xmm, Code.Movntpd_m128_xmm, Code.Movntdq_m128_xmm])
            table.Set(code, &StoreAligned);

        table.Set(Code.Movss_xmm_xmmm32, &LoadScalar<uint>);
        table.Set(Code.Movsd_xmm_xmmm64, &LoadScalar<ulong>);
        table.Set(Code.Movss_xmmm32_xmm, &StoreScalar<uint>);
        table.Set(Code.Movsd_xmmm64_xmm, &StoreScalar<ulong>);
        table.Set(Code.Movq_xmm_xmmm64, &LoadQuad);
        table.Set(Code.Movq_xmmm64_xmm, &StoreQuad);

        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movlps_xmm_m64, Code.Movlpd_xmm_m64])
            table.Set(code, &LoadLow);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movhps_xmm_m64, Code.Movhpd_xmm_m64])
            table.Set(code, &LoadHigh);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movlps_m64_xmm, Code.Movlpd_m64_xmm])
            table.Set(code, &StoreQuad);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movhps_m64_xmm, Code.Movhpd_m64_xmm])
            table.Set(code, &StoreHigh);
        table.Set(Code.Movhlps_xmm_xmm, &MoveHighToLow);
        table.Set(Code.Movlhps_xmm_xmm, &MoveLowToHigh);

        table.Set(Code.Movd_xmm_rm32, &FromGeneral<uint>);
        table.Set(Code.Movq_xmm_rm64, &FromGeneral<ulong>);
        table.Set(Code.Movd_rm32_xmm, &ToGeneral<uint>);
        table.Set(Code.Movq_rm64_xmm, &ToGeneral<ulong>);
        table.Set(Code.Movnti_m32_r32, &StoreGeneral);
        table.Set(Code.Movnti_m64_r64, &StoreGeneral);

        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movmskps_r32_xmm, Code.Movmskps_r64_xmm])
            table.Set(code, &MaskSingle);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Movmskpd_r32_xmm, Code.Movmskpd_r64_xmm])
            table.Set(code, &MaskDouble);
        foreach (Code code in (ReadOnlySpan<Code>)[Code.Pmovmskb_r32_xmm, Code.Pmovmskb_r64_xmm])
            table.Set(code, &MaskBytes);
        table.Set(Code.Maskmovdqu_rDI_xmm_xmm, &StoreMasked);
    }

    private static StepResult Load(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        if (instruction.Op1Kind == OpKind.Register)
        {
            *destination = *VectorState.Xmm(cpu, instruction.Op1Register);
            return StepResult.Next;
        }

        if (!Operands.Linear(cpu, instruction, 16, write: false, out ulong linear) || !cpu.Memory.Read(linear, out Vector128<byte> value))
            return StepResult.Fault;
        *destination = value;
        return StepResult.Next;
    }

    private static StepResult LoadAligned(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> value))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = value;
        return StepResult.Next;
    }

    private static StepResult Store(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte> value = *VectorState.Xmm(cpu, instruction.Op1Register);
        if (instruction.Op0Kind == OpKind.Register)
        {
            *VectorState.Xmm(cpu, instruction.Op0Register) = value;
            return StepResult.Next;
        }

        return Operands.Linear(cpu, instruction, 16, write: true, out ulong linear) && cpu.Memory.Write(linear, value)
            ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult StoreAligned(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte> value = *VectorState.Xmm(cpu, instruction.Op1Register);
        if (instruction.Op0Kind == OpKind.Register)
        {
            *VectorState.Xmm(cpu, instruction.Op0Register) = value;
            return StepResult.Next;
        }

        return VectorState.LinearAligned(cpu, instruction, write: true, out ulong linear) && cpu.Memory.Write(linear, value)
            ? StepResult.Next : StepResult.Fault;
    }

    /// <summary>MOVSS, MOVSD: from memory the rest of the register is cleared, from a register it is kept.</summary>
    private static StepResult LoadScalar<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        if (instruction.Op1Kind == OpKind.Register)
        {
            *(T*)destination = *(T*)VectorState.Xmm(cpu, instruction.Op1Register);
            return StepResult.Next;
        }

        if (!Operands.Linear(cpu, instruction, sizeof(T), write: false, out ulong linear) || !cpu.Memory.Read(linear, out T value))
            return StepResult.Fault;
        *destination = Vector128.CreateScalar(value).AsByte();
        return StepResult.Next;
    }

    private static StepResult StoreScalar<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        T value = *(T*)VectorState.Xmm(cpu, instruction.Op1Register);
        if (instruction.Op0Kind == OpKind.Register)
        {
            *(T*)VectorState.Xmm(cpu, instruction.Op0Register) = value;
            return StepResult.Next;
        }

        return Operands.Linear(cpu, instruction, sizeof(T), write: true, out ulong linear) && cpu.Memory.Write(linear, value)
            ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult LoadQuad(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<ulong>(cpu, instruction, out Vector128<byte> value))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = Sse2.MoveScalar(value.AsUInt64()).AsByte();
        return StepResult.Next;
    }

    /// <summary>MOVQ and MOVLPS to xmm/m64: to a register the upper half is cleared.</summary>
    private static StepResult StoreQuad(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        ulong value = *(ulong*)VectorState.Xmm(cpu, instruction.Op1Register);
        if (instruction.Op0Kind == OpKind.Register)
        {
            *VectorState.Xmm(cpu, instruction.Op0Register) = Vector128.CreateScalar(value).AsByte();
            return StepResult.Next;
        }

        return Operands.Linear(cpu, instruction, 8, write: true, out ulong linear) && cpu.Memory.Write(linear, value)
            ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult LoadLow(TranslatorCpu cpu, in Instruction instruction) => LoadHalf(cpu, instruction, 0);

    private static StepResult LoadHigh(TranslatorCpu cpu, in Instruction instruction) => LoadHalf(cpu, instruction, 1);

    private static StepResult LoadHalf(TranslatorCpu cpu, in Instruction instruction, int half)
    {
        if (!VectorState.Ready(cpu) || !Operands.Linear(cpu, instruction, 8, write: false, out ulong linear)
            || !cpu.Memory.Read(linear, out ulong value))
            return StepResult.Fault;
        ((ulong*)VectorState.Xmm(cpu, instruction.Op0Register))[half] = value;
        return StepResult.Next;
    }

    private static StepResult StoreHigh(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && Operands.Linear(cpu, instruction, 8, write: true, out ulong linear)
            && cpu.Memory.Write(linear, ((ulong*)VectorState.Xmm(cpu, instruction.Op1Register))[1])
            ? StepResult.Next : StepResult.Fault;

    private static StepResult MoveHighToLow(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        ((ulong*)VectorState.Xmm(cpu, instruction.Op0Register))[0] = ((ulong*)VectorState.Xmm(cpu, instruction.Op1Register))[1];
        return StepResult.Next;
    }

    private static StepResult MoveLowToHigh(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        ((ulong*)VectorState.Xmm(cpu, instruction.Op0Register))[1] = ((ulong*)VectorState.Xmm(cpu, instruction.Op1Register))[0];
        return StepResult.Next;
    }

    private static StepResult FromGeneral<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu) || !Operands.Read(cpu, instruction, 1, sizeof(T), out ulong value))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = Vector128.CreateScalar(value).AsByte();
        return StepResult.Next;
    }

    private static StepResult ToGeneral<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        ulong value = Operands.Truncate(*(ulong*)VectorState.Xmm(cpu, instruction.Op1Register), sizeof(T));
        return Operands.Write(cpu, instruction, 0, sizeof(T), value) ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult StoreGeneral(TranslatorCpu cpu, in Instruction instruction)
    {
        int size = instruction.Code == Code.Movnti_m64_r64 ? 8 : 4;
        return Operands.Write(cpu, instruction, 0, size, Registers.Read(cpu.C, instruction.Op1Register)) ? StepResult.Next : StepResult.Fault;
    }

    private static StepResult MaskSingle(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Registers.Write(cpu.C, instruction.Op0Register, VectorState.Xmm(cpu, instruction.Op1Register)->AsUInt32().ExtractMostSignificantBits());
        return StepResult.Next;
    }

    private static StepResult MaskDouble(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Registers.Write(cpu.C, instruction.Op0Register, VectorState.Xmm(cpu, instruction.Op1Register)->AsUInt64().ExtractMostSignificantBits());
        return StepResult.Next;
    }

    private static StepResult MaskBytes(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        Registers.Write(cpu.C, instruction.Op0Register, VectorState.Xmm(cpu, instruction.Op1Register)->ExtractMostSignificantBits());
        return StepResult.Next;
    }

    private static StepResult StoreMasked(TranslatorCpu cpu, in Instruction instruction)
        => VectorState.Ready(cpu) && StoreMasked(
            cpu, instruction, (byte*)VectorState.Xmm(cpu, instruction.Op1Register),
            VectorState.Xmm(cpu, instruction.Op2Register)->ExtractMostSignificantBits(), 16)
            ? StepResult.Next : StepResult.Fault;

    /// <summary>
    /// MASKMOVDQU, MASKMOVQ: the bytes that the mask selects to DS:rDI. The whole operand must be writable, whatever the mask, as the manuals allow
    /// and processors do.
    /// </summary>
    internal static bool StoreMasked(TranslatorCpu cpu, in Instruction instruction, byte* source, uint mask, int size)
    {
        ulong offset = Operands.Truncate(cpu.C->Gpr[7], instruction.Op0Kind switch
        {
            OpKind.MemorySegRDI => 8,
            OpKind.MemorySegEDI => 4,
            _ => 2,
        });
        if (!Operands.Linear(cpu, instruction.MemorySegment, offset, size, write: true, out ulong linear)
            || cpu.Memory.WouldFault(linear, size, write: true))
            return false;
        for (int i = 0; i < size; i++)
        {
            if ((mask & (1u << i)) != 0 && !cpu.Memory.Write(linear + (ulong)i, source[i]))
                return false;
        }

        return true;
    }
}
