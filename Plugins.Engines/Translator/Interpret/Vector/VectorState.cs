using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>
/// What every SSE handler starts and ends with: may the instruction run, where are its registers and its 16 bytes of memory, did it raise an unmasked
/// exception. False always means: a fault is recorded, return <see cref="StepResult.Fault"/>.
/// </summary>
internal static unsafe class VectorState
{
    /// <summary>#UD or #NM as CR0.EM, CR4.OSFXSR and CR0.TS have it (Intel SDM volume 3, table 14-1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Ready(TranslatorCpu cpu)
        => ((cpu.C->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) == 0 && (cpu.C->Cr4 & Bits.Cr4FxsrSse) != 0) || NotReady(cpu);

    /// <summary>Where a register lives. The pointer is into the CPU's context, which outlives the instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte>* Xmm(TranslatorCpu cpu, Register register)
        => (Vector128<byte>*)(cpu.C->Vector + ((register - Register.XMM0) * 32));

    /// <summary>Operand 1 as xmm/m128, the memory operand aligned as legacy SSE demands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ReadSource(TranslatorCpu cpu, in Instruction instruction, out Vector128<byte> value)
    {
        if (instruction.Op1Kind == OpKind.Register)
        {
            value = *Xmm(cpu, instruction.Op1Register);
            return true;
        }

        return ReadAligned(cpu, instruction, out value);
    }

    /// <summary>Operand 1 as xmm/m128 of any alignment.</summary>
    internal static bool ReadUnaligned(TranslatorCpu cpu, in Instruction instruction, out Vector128<byte> value)
    {
        if (instruction.Op1Kind == OpKind.Register)
        {
            value = *Xmm(cpu, instruction.Op1Register);
            return true;
        }

        if (Operands.Linear(cpu, instruction, 16, write: false, out ulong linear) && cpu.Memory.Read(linear, out value))
            return true;
        value = default;
        return false;
    }

    /// <summary>Operand 1 as xmm/mN for N up to 64, zero-extended; all of the register for a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ReadPart<T>(TranslatorCpu cpu, in Instruction instruction, out Vector128<byte> value)
        where T : unmanaged
    {
        if (instruction.Op1Kind == OpKind.Register)
        {
            value = *Xmm(cpu, instruction.Op1Register);
            return true;
        }

        if (Operands.Linear(cpu, instruction, sizeof(T), write: false, out ulong linear) && cpu.Memory.Read(linear, out T part))
        {
            value = Vector128.CreateScalar(part).AsByte();
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The memory operand of 16 bytes; #GP(0) when it is not aligned.</summary>
    internal static bool ReadAligned(TranslatorCpu cpu, in Instruction instruction, out Vector128<byte> value)
    {
        if (LinearAligned(cpu, instruction, write: false, out ulong linear) && cpu.Memory.Read(linear, out value))
            return true;
        value = default;
        return false;
    }

    /// <summary>The linear address of an operand of 16 bytes; #GP(0) when it is not aligned.</summary>
    internal static bool LinearAligned(TranslatorCpu cpu, in Instruction instruction, bool write, out ulong linear)
    {
        if (!Operands.Linear(cpu, instruction, 16, write, out linear))
            return false;
        if ((linear & 15) == 0)
            return true;
        cpu.GeneralProtection();
        return false;
    }

    /// <summary>
    /// Enters what an instruction raised into MXCSR. False: something of it is unmasked, which is #XM, or #UD where the operating system has not said
    /// (CR4.OSXMMEXCPT) that it handles that; the destination must stay as it is. An exception known before computing hides those of the result.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Commit(TranslatorCpu cpu, in FloatEnvironment environment)
        => environment.Raised == 0 || Commit(cpu, environment.Raised);

    private static bool Commit(TranslatorCpu cpu, uint raised)
    {
        uint unmasked = FloatEnvironment.Unmasked(cpu.C->Mxcsr, raised);
        if ((unmasked & FloatFlags.BeforeComputation) != 0)
            raised &= FloatFlags.BeforeComputation;
        cpu.C->Mxcsr |= raised;
        if (unmasked == 0)
            return true;
        cpu.Raise((cpu.C->Cr4 & Bits.Cr4SimdExceptions) != 0 ? Vectors.SimdError : Vectors.InvalidOpcode);
        return false;
    }

    private static bool NotReady(TranslatorCpu cpu)
    {
        if ((cpu.C->Cr0 & Bits.Cr0Emulation) != 0 || (cpu.C->Cr4 & Bits.Cr4FxsrSse) == 0)
            cpu.InvalidOpcode();
        else
            cpu.Raise(Vectors.DeviceNotAvailable);
        return false;
    }
}
