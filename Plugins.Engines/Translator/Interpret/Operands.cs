using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret;

/// <summary>Operands of a decoded instruction, for handlers. False always means: a fault is recorded, return <see cref="StepResult.Fault"/>.</summary>
internal static unsafe class Operands
{
    /// <summary>
    /// The linear address of the memory operand, after segment checks for <paramref name="size"/> bytes (limits and rights outside 64-bit mode,
    /// canonical form in it).
    /// </summary>
    internal static bool Linear(TranslatorCpu cpu, in Instruction instruction, int size, bool write, out ulong linear)
    {
        CpuContext* c = cpu.C;
        ulong offset = Offset(c, instruction);
        return Linear(cpu, instruction.MemorySegment, offset, size, write, out linear);
    }

    /// <summary>The offset part of the memory operand (what LEA computes), truncated to the address size.</summary>
    internal static ulong Offset(CpuContext* c, in Instruction instruction)
    {
        Register @base = instruction.MemoryBase;
        Register index = instruction.MemoryIndex;
        ulong offset = instruction.MemoryDisplacement64;
        int width;
        if (@base is Register.RIP or Register.EIP)
        {
            // The decoder works with addresses relative to the block, see BlockDecoder.
            offset += c->Gpr[CpuContext.BlockSlot];
            return @base == Register.RIP ? offset : (uint)offset;
        }

        if (@base != Register.None)
        {
            offset += Registers.Read(c, @base);
            width = Registers.Size(@base);
        }
        else if (index != Register.None)
        {
            width = Registers.Size(index);
        }
        else
        {
            width = instruction.MemoryDisplSize;
        }

        if (index != Register.None)
            offset += Registers.Read(c, index) * (ulong)instruction.MemoryIndexScale;
        return Truncate(offset, width);
    }

    /// <summary>Segment plus offset with checks.</summary>
    internal static bool Linear(TranslatorCpu cpu, Register segmentRegister, ulong offset, int size, bool write, out ulong linear)
    {
        CpuContext* c = cpu.C;
        if (c->Mode == CpuMode.Code64)
        {
            linear = offset;
            if (segmentRegister == Register.FS)
                linear += c->Gpr[CpuContext.FsBaseSlot];
            else if (segmentRegister == Register.GS)
                linear += c->Gpr[CpuContext.GsBaseSlot];
            ulong last = linear + (ulong)size - 1;
            if (IsCanonical(linear) && IsCanonical(last))
                return true;
            if (segmentRegister == Register.SS)
                cpu.Raise(Vectors.StackFault, 0);
            else
                cpu.GeneralProtection();
            return false;
        }

        Segment* segment = cpu.SegmentOf(segmentRegister);
        linear = (uint)(cpu.BaseOf(segmentRegister) + offset);
        ulong end = offset + (ulong)size - 1;
        bool fine;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0)
        {
            fine = end <= segment->Limit;
        }
        else
        {
            ushort attributes = segment->Attributes;
            bool isCode = (attributes & Segment.Code) != 0;
            fine = (attributes & Segment.Present) != 0
                && (write ? !isCode && (attributes & Segment.WritableData) != 0 : !isCode || (attributes & Segment.ReadableCode) != 0);
            if (fine && !isCode && (attributes & Segment.ExpandDown) != 0)
                fine = offset > segment->Limit && end <= ((attributes & Segment.Big) != 0 ? 0xffff_ffffu : 0xffffu);
            else
                fine = fine && end <= segment->Limit;
        }

        if (fine)
            return true;
        if (segmentRegister == Register.SS)
            cpu.Raise(Vectors.StackFault, 0);
        else
            cpu.GeneralProtection();
        return false;
    }

    /// <summary>Reads operand <paramref name="number"/> (register, memory or immediate), zero-extended from <paramref name="size"/> bytes (1, 2, 4, 8).</summary>
    internal static bool Read(TranslatorCpu cpu, in Instruction instruction, int number, int size, out ulong value)
    {
        switch (instruction.GetOpKind(number))
        {
            case OpKind.Register:
                value = Registers.Read(cpu.C, instruction.GetOpRegister(number));
                return true;
            case OpKind.Memory:
                value = 0;
                return Linear(cpu, instruction, size, write: false, out ulong linear) && ReadMemory(cpu, linear, size, out value);
            default:
                value = Truncate(instruction.GetImmediate(number), size);
                return true;
        }
    }

    /// <summary>Writes operand <paramref name="number"/> (register or memory).</summary>
    internal static bool Write(TranslatorCpu cpu, in Instruction instruction, int number, int size, ulong value)
    {
        if (instruction.GetOpKind(number) == OpKind.Register)
        {
            Registers.Write(cpu.C, instruction.GetOpRegister(number), value);
            return true;
        }

        return Linear(cpu, instruction, size, write: true, out ulong linear) && WriteMemory(cpu, linear, size, value);
    }

    /// <summary>Width in bytes of operand <paramref name="number"/> as the instruction says (registers, memory), not for immediates.</summary>
    internal static int SizeOf(in Instruction instruction, int number)
        => instruction.GetOpKind(number) == OpKind.Register
            ? instruction.GetOpRegister(number).GetSize()
            : instruction.MemorySize.GetSize();

    /// <summary>Reads 1, 2, 4 or 8 bytes at the current privilege level, zero-extended.</summary>
    internal static bool ReadMemory(TranslatorCpu cpu, ulong linear, int size, out ulong value)
    {
        bool read;
        switch (size)
        {
            case 1:
                read = cpu.Memory.Read(linear, out byte b);
                value = b;
                return read;
            case 2:
                read = cpu.Memory.Read(linear, out ushort w);
                value = w;
                return read;
            case 4:
                read = cpu.Memory.Read(linear, out uint d);
                value = d;
                return read;
            default:
                return cpu.Memory.Read(linear, out value);
        }
    }

    /// <summary>Writes the low 1, 2, 4 or 8 bytes at the current privilege level.</summary>
    internal static bool WriteMemory(TranslatorCpu cpu, ulong linear, int size, ulong value) => size switch
    {
        1 => cpu.Memory.Write(linear, (byte)value),
        2 => cpu.Memory.Write(linear, (ushort)value),
        4 => cpu.Memory.Write(linear, (uint)value),
        _ => cpu.Memory.Write(linear, value),
    };

    /// <summary>The low <paramref name="size"/> bytes, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Truncate(ulong value, int size) => size switch
    {
        1 => (byte)value,
        2 => (ushort)value,
        4 => (uint)value,
        _ => value,
    };

    /// <summary>The low <paramref name="size"/> bytes, sign-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong SignExtend(ulong value, int size) => size switch
    {
        1 => (ulong)(sbyte)value,
        2 => (ulong)(short)value,
        4 => (ulong)(int)value,
        _ => value,
    };

    /// <summary>Bits 63 to 47 are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsCanonical(ulong linear) => (ulong)((long)linear >> 47) + 1 <= 1;
}
