using System.Numerics;
using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>
/// PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM volume 2, section 4.1). Immediate: bit 0 words instead of
/// bytes, bit 1 signed, bits 3-2 the aggregation, bits 5-4 polarity, bit 6 the last index instead of the first, or a mask of elements instead of bits.
/// </summary>
internal static unsafe class StringCompare
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pcmpestri_xmm_xmmm128_imm8, &ExplicitIndex<uint>);
        table.Set(Code.Pcmpestri64_xmm_xmmm128_imm8, &ExplicitIndex<ulong>);
        table.Set(Code.Pcmpestrm_xmm_xmmm128_imm8, &ExplicitMask<uint>);
        table.Set(Code.Pcmpestrm64_xmm_xmmm128_imm8, &ExplicitMask<ulong>);
        table.Set(Code.Pcmpistri_xmm_xmmm128_imm8, &ImplicitIndex);
        table.Set(Code.Pcmpistrm_xmm_xmmm128_imm8, &ImplicitMask);
    }

    private static StepResult ExplicitIndex<TLength>(TranslatorCpu cpu, in Instruction instruction)
        where TLength : unmanaged
        => Run(cpu, instruction, isExplicit: true, sizeof(TLength) == 8, index: true);

    private static StepResult ExplicitMask<TLength>(TranslatorCpu cpu, in Instruction instruction)
        where TLength : unmanaged
        => Run(cpu, instruction, isExplicit: true, sizeof(TLength) == 8, index: false);

    private static StepResult ImplicitIndex(TranslatorCpu cpu, in Instruction instruction)
        => Run(cpu, instruction, isExplicit: false, wide: false, index: true);

    private static StepResult ImplicitMask(TranslatorCpu cpu, in Instruction instruction)
        => Run(cpu, instruction, isExplicit: false, wide: false, index: false);

    private static StepResult Run(TranslatorCpu cpu, in Instruction instruction, bool isExplicit, bool wide, bool index)
    {
        // Its memory operand need not be aligned.
        if (!VectorState.Ready(cpu) || !VectorState.ReadUnaligned(cpu, instruction, out Vector128<byte> second))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        Vector128<byte> first = *VectorState.Xmm(cpu, instruction.Op0Register);
        byte control = instruction.Immediate8;
        int count = (control & 1) != 0 ? 8 : 16;
        int firstLength = isExplicit ? Length(c->Gpr[0], wide, count) : Length(first, count);
        int secondLength = isExplicit ? Length(c->Gpr[2], wide, count) : Length(second, count);

        uint all = (1u << count) - 1;
        uint valid = (1u << secondLength) - 1;
        uint matches = ((control >> 2) & 3) switch
        {
            0 => EqualAny(first, second, firstLength, control & 3, count) & valid,
            1 => Ranges(first, second, firstLength, control & 3, count) & valid,
            2 => EqualEach(first, second, firstLength, secondLength, count),
            _ => EqualOrdered(first, second, firstLength, secondLength, count),
        };
        uint result = ((control >> 4) & 3) switch
        {
            1 => matches ^ all,
            3 => matches ^ valid,
            _ => matches,
        };

        if (index)
        {
            bool last = (control & 0x40) != 0;
            c->Gpr[1] = result == 0 ? (uint)count : (uint)(last ? BitOperations.Log2(result) : BitOperations.TrailingZeroCount(result));
        }
        else
        {
            *(Vector128<byte>*)c->Vector = (control & 0x40) != 0 ? Expand(result, count) : Vector128.CreateScalar(result).AsByte();
        }

        Flags.SetArithmetic(
            c,
            (result != 0 ? Bits.Carry : 0) | (secondLength < count ? Bits.Zero : 0)
            | (firstLength < count ? Bits.Sign : 0) | ((result & 1) != 0 ? Bits.Overflow : 0));
        return StepResult.Next;
    }

    /// <summary>|register|, at most the number of elements.</summary>
    private static int Length(ulong register, bool wide, int count)
    {
        long signed = wide ? (long)register : (int)register;
        ulong magnitude = signed < 0 ? (ulong)-signed : (ulong)signed;
        return (int)Math.Min(magnitude, (ulong)count);
    }

    /// <summary>Elements before the first zero.</summary>
    private static int Length(Vector128<byte> value, int count)
        => Math.Min(BitOperations.TrailingZeroCount(EqualMask(value, Vector128<byte>.Zero, count)), count);

    /// <summary>Bit i: element i of the second string is one of the first's.</summary>
    private static uint EqualAny(Vector128<byte> first, Vector128<byte> second, int firstLength, int format, int count)
    {
        uint result = 0;
        for (int i = 0; i < firstLength; i++)
            result |= EqualMask(second, Broadcast(first, i, format), count);
        return result;
    }

    /// <summary>Bit i: element i of the second string lies in one of the ranges that pairs of the first's elements bound.</summary>
    private static uint Ranges(Vector128<byte> first, Vector128<byte> second, int firstLength, int format, int count)
    {
        uint result = 0;
        for (int i = 0; i + 1 < firstLength; i += 2)
        {
            Vector128<byte> low = Broadcast(first, i, format);
            Vector128<byte> high = Broadcast(first, i + 1, format);
            result |= format switch
            {
                0 => (Vector128.GreaterThanOrEqual(second, low) & Vector128.LessThanOrEqual(second, high)).ExtractMostSignificantBits(),
                1 => (Vector128.GreaterThanOrEqual(second.AsUInt16(), low.AsUInt16())
                    & Vector128.LessThanOrEqual(second.AsUInt16(), high.AsUInt16())).ExtractMostSignificantBits(),
                2 => (Vector128.GreaterThanOrEqual(second.AsSByte(), low.AsSByte())
                    & Vector128.LessThanOrEqual(second.AsSByte(), high.AsSByte())).ExtractMostSignificantBits(),
                _ => (Vector128.GreaterThanOrEqual(second.AsInt16(), low.AsInt16())
                    & Vector128.LessThanOrEqual(second.AsInt16(), high.AsInt16())).ExtractMostSignificantBits(),
            };
        }

        return result & ((1u << count) - 1);
    }

    /// <summary>Bit i: the elements are equal; past both ends they are, past one they aren't.</summary>
    private static uint EqualEach(Vector128<byte> first, Vector128<byte> second, int firstLength, int secondLength, int count)
    {
        uint all = (1u << count) - 1;
        uint firstValid = (1u << firstLength) - 1;
        uint secondValid = (1u << secondLength) - 1;
        return (EqualMask(first, second, count) & firstValid & secondValid) | (all & ~firstValid & ~secondValid);
    }

    /// <summary>Bit i: the first string, as far as the register reaches, stands in the second at i.</summary>
    private static uint EqualOrdered(Vector128<byte> first, Vector128<byte> second, int firstLength, int secondLength, int count)
    {
        uint result = 0;
        for (int start = 0; start < count; start++)
        {
            bool holds = true;
            for (int i = 0; holds && i < firstLength && start + i < count; i++)
                holds = start + i < secondLength && Element(first, i, count) == Element(second, start + i, count);
            if (holds)
                result |= 1u << start;
        }

        return result;
    }

    private static ushort Element(Vector128<byte> value, int index, int count) => count == 16 ? ((byte*)&value)[index] : ((ushort*)&value)[index];

    private static Vector128<byte> Broadcast(Vector128<byte> value, int index, int format)
        => (format & 1) == 0 ? Vector128.Create(((byte*)&value)[index]) : Vector128.Create(((ushort*)&value)[index]).AsByte();

    private static uint EqualMask(Vector128<byte> a, Vector128<byte> b, int count) => count == 16
        ? Vector128.Equals(a, b).ExtractMostSignificantBits()
        : Vector128.Equals(a.AsUInt16(), b.AsUInt16()).ExtractMostSignificantBits();

    /// <summary>All ones in every element whose bit is set.</summary>
    private static Vector128<byte> Expand(uint mask, int count)
    {
        Vector128<byte> result = default;
        for (int i = 0; i < count; i++)
        {
            if ((mask & (1u << i)) == 0)
                continue;
            if (count == 16)
                ((byte*)&result)[i] = byte.MaxValue;
            else
                ((ushort*)&result)[i] = ushort.MaxValue;
        }

        return result;
    }
}
