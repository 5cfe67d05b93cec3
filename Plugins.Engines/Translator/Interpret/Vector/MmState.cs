using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Interpret.Fpu;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What every MMX handler starts and ends with. The mm registers are the significands of the x87 registers R0 to R7 (SDM volume 1, 9.6.2).</summary>
internal static unsafe class MmState
{
    /// <summary>#UD, #NM, or #MF for an x87 exception that is still to be reported. False: the fault is recorded.</summary>
    internal static bool Ready(TranslatorCpu cpu)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0Emulation) != 0)
            cpu.InvalidOpcode();
        else if ((c->Cr0 & Bits.Cr0TaskSwitched) != 0)
            cpu.Raise(Vectors.DeviceNotAvailable);
        else if ((c->FpuStatus & FpuWords.ErrorSummary) != 0)
            cpu.Raise(Vectors.FpuError);
        else
            return true;
        return false;
    }

    /// <summary>Every MMX instruction but EMMS: top of stack 0, all registers valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Enter(TranslatorCpu cpu)
    {
        cpu.C->FpuTop = 0;
        cpu.C->FpuTags = 0xff;
    }

    internal static ulong Read(TranslatorCpu cpu, Register register) => cpu.C->FpuSignificand[register - Register.MM0];

    /// <summary>Writes a register, which makes its x87 sign and exponent all ones.</summary>
    internal static void Write(TranslatorCpu cpu, Register register, ulong value)
    {
        Enter(cpu);
        cpu.C->FpuSignificand[register - Register.MM0] = value;
        cpu.C->FpuExponent[register - Register.MM0] = 0xffff;
    }

    /// <summary>Operand 1 as mm/mN, zero-extended from memory. False: a fault is recorded.</summary>
    internal static bool ReadSource<TMemory>(TranslatorCpu cpu, in Instruction instruction, out ulong value)
        where TMemory : unmanaged
    {
        if (instruction.Op1Kind == OpKind.Register)
        {
            value = Read(cpu, instruction.Op1Register);
            return true;
        }

        value = 0;
        return Operands.Linear(cpu, instruction, sizeof(TMemory), write: false, out ulong linear)
            && Operands.ReadMemory(cpu, linear, sizeof(TMemory), out value);
    }
}
