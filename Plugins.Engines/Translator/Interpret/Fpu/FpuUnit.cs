using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>The x87 register stack, its status word, and what every instruction starts and ends with (SDM volume 1, chapter 8).</summary>
internal static unsafe class FpuUnit
{
    /// <summary>Begins a waiting instruction: #NM, or #MF for what an earlier one raised unmasked. False: the fault is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Ready(TranslatorCpu cpu)
        => ((cpu.C->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) == 0 && (cpu.C->FpuStatus & FpuWords.ErrorSummary) == 0) || NotReady(cpu);

    /// <summary>Begins a non-waiting control instruction: #NM only.</summary>
    internal static bool Present(TranslatorCpu cpu)
    {
        if ((cpu.C->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) == 0)
            return true;
        cpu.Raise(Vectors.DeviceNotAvailable);
        return false;
    }

    /// <summary>Remembers the instruction as the last non-control one, for exception handlers; after its operand is read.</summary>
    internal static void Note(TranslatorCpu cpu)
    {
        CpuContext* c = cpu.C;
        c->FpuInstruction = c->InstructionStart;
        c->FpuInstructionSelector = c->Cs.Selector;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Physical(CpuContext* c, int index) => (c->FpuTop + index) & 7;

    /// <summary>i of ST(i).</summary>
    internal static int Index(Register register) => register - Register.ST0;

    internal static bool IsEmpty(CpuContext* c, int index) => (c->FpuTags & (1 << Physical(c, index))) == 0;

    internal static Extended Read(CpuContext* c, int index)
    {
        int physical = Physical(c, index);
        return new Extended(c->FpuExponent[physical], c->FpuSignificand[physical]);
    }

    internal static FpuOperand Operand(CpuContext* c, int index) => FpuOperand.From(Read(c, index));

    internal static void Write(CpuContext* c, int index, Extended value)
    {
        int physical = Physical(c, index);
        c->FpuExponent[physical] = value.SignExponent;
        c->FpuSignificand[physical] = value.Significand;
        c->FpuTags |= (byte)(1 << physical);
    }

    internal static void Free(CpuContext* c, int index) => c->FpuTags &= (byte)~(1 << Physical(c, index));

    internal static void Push(CpuContext* c, Extended value)
    {
        c->FpuTop = (byte)((c->FpuTop - 1) & 7);
        Write(c, 0, value);
    }

    internal static void Pop(CpuContext* c)
    {
        Free(c, 0);
        c->FpuTop = (byte)((c->FpuTop + 1) & 7);
    }

    /// <summary>Replaces C0 to C3 but C1.</summary>
    internal static void SetConditions(CpuContext* c, int conditions)
        => c->FpuStatus = (ushort)((c->FpuStatus & ~(FpuWords.C0 | FpuWords.C2 | FpuWords.C3)) | conditions);

    /// <summary>
    /// Enters what an instruction raised into the status word; C1 tells the direction of rounding. False: an unmasked exception known before
    /// computing, so that the registers must stay as they are. Unmasked exceptions are reported by the next waiting instruction.
    /// </summary>
    internal static bool Commit(TranslatorCpu cpu, in Instruction instruction, in FpuEnvironment environment)
    {
        CpuContext* c = cpu.C;
        uint raised = environment.Raised;
        uint unmasked = raised & ~(uint)environment.Control & FloatFlags.All;
        bool abandoned = (unmasked & FloatFlags.BeforeComputation) != 0;
        bool up = environment.RoundedUp;
        if (abandoned)
        {
            raised &= FloatFlags.BeforeComputation | FpuWords.StackFault;
            up &= environment.KeepsRoundedUp || (raised & FpuWords.StackFault) != 0;
        }

        c->FpuStatus = (ushort)((uint)(c->FpuStatus & ~FpuWords.C1) | raised | (up ? FpuWords.C1 : 0u));
        if (unmasked != 0)
        {
            c->FpuStatus |= FpuWords.ErrorSummary | FpuWords.Busy;
            NoteException(cpu, instruction);
        }

        return !abandoned;
    }

    /// <summary>Makes ES and B follow from flags and masks, after either was loaded.</summary>
    internal static void UpdateSummary(CpuContext* c)
    {
        c->FpuStatus &= unchecked((ushort)~(FpuWords.ErrorSummary | FpuWords.Busy));
        if ((c->FpuStatus & ~c->FpuControl & (int)FloatFlags.All) != 0)
            c->FpuStatus |= FpuWords.ErrorSummary | FpuWords.Busy;
    }

    /// <summary>FNINIT's state (SDM volume 3, table 9-1).</summary>
    internal static void Initialize(CpuContext* c)
    {
        c->FpuControl = 0x37f;
        c->FpuStatus = 0;
        c->FpuTop = 0;
        c->FpuTags = 0;
        c->FpuOpcode = 0;
        c->FpuInstruction = 0;
        c->FpuInstructionSelector = 0;
        c->FpuData = 0;
        c->FpuDataSelector = 0;
    }

    private static bool NotReady(TranslatorCpu cpu)
    {
        cpu.Raise((cpu.C->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) != 0 ? Vectors.DeviceNotAvailable : Vectors.FpuError);
        return false;
    }

    /// <summary>
    /// The data pointer and the opcode register (the low three bits of the first opcode byte, and the ModRM byte), which are kept only for instructions that raised an
    /// unmasked exception (SDM volume 1, sections 8.1.8 and 8.1.9.1; CPUID says so). The opcode is read from the code because the decoded form no longer has the bytes.
    /// </summary>
    private static void NoteException(TranslatorCpu cpu, in Instruction instruction)
    {
        CpuContext* c = cpu.C;
        if (instruction.MemoryBase != Register.None || instruction.MemorySize != MemorySize.Unknown)
        {
            c->FpuData = Operands.Offset(c, instruction);
            c->FpuDataSelector = cpu.SegmentOf(instruction.MemorySegment)->Selector;
        }

        ulong faultAddress = c->Cr2;
        ulong start = c->InstructionStart + (c->Mode == CpuMode.Code64 ? 0 : c->Cs.Base);
        for (int i = 0; i + 1 < instruction.Length; i++)
        {
            if (!cpu.Memory.Read(start + (ulong)i, out ushort bytes))
            {
                c->Cr2 = faultAddress;
                return;
            }

            if ((bytes & 0xf8) == 0xd8)
            {
                c->FpuOpcode = (ushort)(((bytes & 7) << 8) | (bytes >> 8));
                return;
            }
        }
    }
}
