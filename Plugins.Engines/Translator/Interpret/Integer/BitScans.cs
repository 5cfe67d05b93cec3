using System.Numerics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>BSF BSR TZCNT LZCNT POPCNT. Flags the manuals leave undefined stay as they were, except after POPCNT, which clears them.</summary>
internal static unsafe class BitScans
{
    internal static void Register(HandlerTable table)
    {
        Forms.Words<ScanForward>(table, Code.Bsf_r16_rm16);
        Forms.Words<ScanReverse>(table, Code.Bsr_r16_rm16);
        Forms.Words<TrailingZeros>(table, Code.Tzcnt_r16_rm16);
        Forms.Words<LeadingZeros>(table, Code.Lzcnt_r16_rm16);
        Forms.Words<Population>(table, Code.Popcnt_r16_rm16);
    }

    private static void SetZero(CpuContext* c, bool zero)
        => Flags.SetArithmetic(c, (Flags.Arithmetic(c) & ~Bits.Zero) | (zero ? Bits.Zero : 0));

    private static StepResult Scan<T>(TranslatorCpu cpu, in Instruction instruction, bool reverse)
        where T : unmanaged
    {
        if (!Sized.Read<T>(cpu, instruction, 1, out ulong value))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        SetZero(c, value == 0);

        // A zero source leaves the destination alone (AMD documents it, Intel does it).
        if (value != 0)
            Sized.WriteRegister<T>(c, instruction.Op0Register, (ulong)(reverse ? BitOperations.Log2(value) : BitOperations.TrailingZeroCount(value)));
        return StepResult.Next;
    }

    private static void StoreCount<T>(CpuContext* c, in Instruction instruction, int count)
        where T : unmanaged
    {
        Sized.WriteRegister<T>(c, instruction.Op0Register, (ulong)count);
        uint flags = Flags.Arithmetic(c) & ~(Bits.Carry | Bits.Zero);
        Flags.SetArithmetic(c, flags | (count == Sized.Bits<T>() ? Bits.Carry : 0) | (count == 0 ? Bits.Zero : 0));
    }

    private readonly struct ScanForward : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Scan<T>(cpu, instruction, reverse: false);
    }

    private readonly struct ScanReverse : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Scan<T>(cpu, instruction, reverse: true);
    }

    private readonly struct TrailingZeros : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            StoreCount<T>(cpu.C, instruction, Math.Min(BitOperations.TrailingZeroCount(value), Sized.Bits<T>()));
            return StepResult.Next;
        }
    }

    private readonly struct LeadingZeros : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            StoreCount<T>(cpu.C, instruction, BitOperations.LeadingZeroCount(value) - (64 - Sized.Bits<T>()));
            return StepResult.Next;
        }
    }

    private readonly struct Population : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 1, out ulong value))
                return StepResult.Fault;
            Sized.WriteRegister<T>(cpu.C, instruction.Op0Register, (ulong)BitOperations.PopCount(value));
            Flags.SetArithmetic(cpu.C, value == 0 ? Bits.Zero : 0);
            return StepResult.Next;
        }
    }
}
