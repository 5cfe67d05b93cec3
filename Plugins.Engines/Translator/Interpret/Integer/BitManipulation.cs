using System.Numerics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>BMI1 and BMI2: ANDN BEXTR BLSI BLSMSK BLSR BZHI PDEP PEXT MULX RORX SARX SHLX SHRX. Not in real or virtual-8086 mode.</summary>
internal static unsafe class BitManipulation
{
    internal static void Register(HandlerTable table)
    {
        Forms.Doubles<AndNot>(table, Code.VEX_Andn_r32_r32_rm32);
        Forms.Doubles<ExtractField>(table, Code.VEX_Bextr_r32_rm32_r32);
        Forms.Doubles<IsolateLowest>(table, Code.VEX_Blsi_r32_rm32);
        Forms.Doubles<MaskToLowest>(table, Code.VEX_Blsmsk_r32_rm32);
        Forms.Doubles<ResetLowest>(table, Code.VEX_Blsr_r32_rm32);
        Forms.Doubles<ZeroHigh>(table, Code.VEX_Bzhi_r32_rm32_r32);
        Forms.Doubles<Deposit>(table, Code.VEX_Pdep_r32_r32_rm32);
        Forms.Doubles<Extract>(table, Code.VEX_Pext_r32_r32_rm32);
        Forms.Doubles<Multiply>(table, Code.VEX_Mulx_r32_r32_rm32);
        Forms.Doubles<RotateRight>(table, Code.VEX_Rorx_r32_rm32_imm8);
        Forms.Doubles<ShiftRightArithmetic>(table, Code.VEX_Sarx_r32_rm32_r32);
        Forms.Doubles<ShiftLeft>(table, Code.VEX_Shlx_r32_rm32_r32);
        Forms.Doubles<ShiftRight>(table, Code.VEX_Shrx_r32_rm32_r32);
    }

    /// <summary>Both sources of a three-operand form. False: a fault is recorded.</summary>
    private static bool Sources<T>(TranslatorCpu cpu, in Instruction instruction, out ulong first, out ulong second)
        where T : unmanaged
    {
        first = second = 0;
        return IsAllowed(cpu) && Sized.Read<T>(cpu, instruction, 1, out first) && Sized.Read<T>(cpu, instruction, 2, out second);
    }

    private static bool IsAllowed(TranslatorCpu cpu)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) != 0 && (c->SystemFlags & Bits.Virtual8086) == 0)
            return true;
        cpu.InvalidOpcode();
        return false;
    }

    private static StepResult Store<T>(TranslatorCpu cpu, in Instruction instruction, ulong result)
        where T : unmanaged
    {
        Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, result);
        return StepResult.Next;
    }

    /// <summary>SF and ZF follow the result, OF is clear, CF is given.</summary>
    private static StepResult StoreWithFlags<T>(TranslatorCpu cpu, in Instruction instruction, ulong result, bool carry)
        where T : unmanaged
    {
        CpuContext* c = cpu.C;
        result = Sized.Zero<T>(result);
        Sized.WriteRegister<T>(c, instruction.Op0Register, result);
        Flags.SetArithmetic(c, (carry ? Bits.Carry : 0) | (result == 0 ? Bits.Zero : 0) | (Sized.IsNegative<T>(result) ? Bits.Sign : 0));
        return StepResult.Next;
    }

    private readonly struct AndNot : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sources<T>(cpu, instruction, out ulong first, out ulong second)
                ? StoreWithFlags<T>(cpu, instruction, ~first & second, carry: false)
                : StepResult.Fault;
    }

    private readonly struct ExtractField : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sources<T>(cpu, instruction, out ulong source, out ulong control))
                return StepResult.Fault;
            int start = (byte)control;
            int length = (byte)(control >> 8);
            ulong field = start >= 64 ? 0 : source >> start;
            return StoreWithFlags<T>(cpu, instruction, length >= 64 ? field : field & ((1UL << length) - 1), carry: false);
        }
    }

    private readonly struct IsolateLowest : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!IsAllowed(cpu) || !Sized.Read<T>(cpu, instruction, 1, out ulong source))
                return StepResult.Fault;
            return StoreWithFlags<T>(cpu, instruction, source & (0 - source), carry: source != 0);
        }
    }

    private readonly struct MaskToLowest : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!IsAllowed(cpu) || !Sized.Read<T>(cpu, instruction, 1, out ulong source))
                return StepResult.Fault;
            return StoreWithFlags<T>(cpu, instruction, source ^ (source - 1), carry: source == 0);
        }
    }

    private readonly struct ResetLowest : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!IsAllowed(cpu) || !Sized.Read<T>(cpu, instruction, 1, out ulong source))
                return StepResult.Fault;
            return StoreWithFlags<T>(cpu, instruction, source & (source - 1), carry: source == 0);
        }
    }

    private readonly struct ZeroHigh : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sources<T>(cpu, instruction, out ulong source, out ulong index))
                return StepResult.Fault;
            int from = (byte)index;
            bool beyond = from >= Sized.Bits<T>();
            return StoreWithFlags<T>(cpu, instruction, beyond ? source : source & ((1UL << from) - 1), carry: beyond);
        }
    }

    private readonly struct Deposit : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sources<T>(cpu, instruction, out ulong source, out ulong mask))
                return StepResult.Fault;
            ulong result = 0;
            for (; mask != 0; mask &= mask - 1, source >>= 1)
            {
                if ((source & 1) != 0)
                    result |= mask & (0 - mask);
            }

            return Store<T>(cpu, instruction, result);
        }
    }

    private readonly struct Extract : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sources<T>(cpu, instruction, out ulong source, out ulong mask))
                return StepResult.Fault;
            ulong result = 0;
            for (ulong bit = 1; mask != 0; mask &= mask - 1, bit <<= 1)
            {
                if ((source & mask & (0 - mask)) != 0)
                    result |= bit;
            }

            return Store<T>(cpu, instruction, result);
        }
    }

    private readonly struct Multiply : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!IsAllowed(cpu) || !Sized.Read<T>(cpu, instruction, 2, out ulong source))
                return StepResult.Fault;
            CpuContext* c = cpu.C;
            ulong high = Math.BigMul(Sized.ReadGeneral<T>(c, 2), source, out ulong low);
            if (sizeof(T) == 4)
                high = low >> 32;

            // With one register as both destinations it gets the high half.
            Sized.WriteRegister<T>(c, instruction.Op1Register, low);
            Sized.WriteRegister<T>(c, instruction.Op0Register, high);
            return StepResult.Next;
        }
    }

    private readonly struct RotateRight : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!IsAllowed(cpu) || !Sized.Read<T>(cpu, instruction, 1, out ulong source))
                return StepResult.Fault;
            int count = instruction.Immediate8;
            return Store<T>(cpu, instruction, sizeof(T) == 8 ? BitOperations.RotateRight(source, count) : BitOperations.RotateRight((uint)source, count));
        }
    }

    private readonly struct ShiftRightArithmetic : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sources<T>(cpu, instruction, out ulong source, out ulong count)
                ? Store<T>(cpu, instruction, (ulong)((long)Sized.Sign<T>(source) >> (int)(count & (ulong)(Sized.Bits<T>() - 1))))
                : StepResult.Fault;
    }

    private readonly struct ShiftLeft : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sources<T>(cpu, instruction, out ulong source, out ulong count)
                ? Store<T>(cpu, instruction, source << (int)(count & (ulong)(Sized.Bits<T>() - 1)))
                : StepResult.Fault;
    }

    private readonly struct ShiftRight : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sources<T>(cpu, instruction, out ulong source, out ulong count)
                ? Store<T>(cpu, instruction, source >> (int)(count & (ulong)(Sized.Bits<T>() - 1)))
                : StepResult.Fault;
    }
}
