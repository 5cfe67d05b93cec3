using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Segment descriptors: reading them from the GDT or LDT, checking them, loading them into segment registers (Intel SDM volume 3, chapters 3 and 5).</summary>
internal static unsafe class Descriptors
{
    /// <summary>Reads a descriptor's eight bytes. False with <paramref name="fault"/> false: outside its table (or null); true: page fault recorded.</summary>
    internal static bool TryRead(TranslatorCpu cpu, ushort selector, out ulong descriptor, out ulong address, out bool fault)
    {
        CpuContext* c = cpu.C;
        descriptor = 0;
        address = 0;
        fault = false;
        uint offset = (uint)selector & 0xfff8;
        ulong table;
        uint limit;
        if ((selector & 4) == 0)
        {
            if (offset == 0)
                return false;
            table = c->GdtrBase;
            limit = c->GdtrLimit;
        }
        else
        {
            table = c->Ldtr.Base;
            limit = c->Ldtr.IsUsable ? c->Ldtr.Limit : 0;
        }

        if (offset + 7 > limit)
            return false;
        address = table + offset;
        fault = !cpu.Memory.ReadSystem(address, out descriptor);
        return !fault;
    }

    /// <summary>The hidden part of a segment register as a descriptor gives it; the base is 32 bits.</summary>
    internal static Segment Unpack(ushort selector, ulong descriptor)
    {
        var attributes = (ushort)(((descriptor >> 40) & 0xff) | (((descriptor >> 52) & 0xf) << 8));
        uint limit = (uint)(descriptor & 0xffff) | (uint)((descriptor >> 32) & 0xf_0000);
        if ((attributes & Segment.Granular) != 0)
            limit = (limit << 12) | 0xfff;
        ulong @base = ((descriptor >> 16) & 0xff_ffff) | ((descriptor >> 32) & 0xff00_0000);
        return new Segment { Base = @base, Limit = limit, Attributes = attributes, Selector = selector };
    }

    /// <summary>
    /// Loads a data segment register (not CS) as MOV and POP do. Not <see cref="StepResult.Next"/>: faulted, nothing changed.
    /// </summary>
    internal static StepResult LoadData(TranslatorCpu cpu, Register register, ushort selector)
    {
        CpuContext* c = cpu.C;
        Segment* segment = cpu.SegmentOf(register);
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SystemFlags & Bits.Virtual8086) != 0)
        {
            LoadReal(cpu, register, selector);
            return StepResult.Next;
        }

        if ((selector & ~3) == 0)
        {
            if (register == Register.SS && (c->Mode != CpuMode.Code64 || c->Cpl == 3 || (selector & 3) != c->Cpl))
                return cpu.GeneralProtection();
            *segment = new Segment { Selector = selector, Attributes = (ushort)(register == Register.SS ? (c->Cpl << 5) : 0) };
            SetBase(c, register, 0);
            return StepResult.Next;
        }

        var error = (uint)(selector & ~3);
        if (!TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return fault ? StepResult.Fault : cpu.Raise(Vectors.GeneralProtection, error);
        Segment loaded = Unpack(selector, descriptor);
        int requested = selector & 3;
        bool isCode = (loaded.Attributes & Segment.Code) != 0;
        if ((loaded.Attributes & Segment.NotSystem) == 0)
            return cpu.Raise(Vectors.GeneralProtection, error);
        if (register == Register.SS)
        {
            if (requested != c->Cpl || loaded.PrivilegeLevel != c->Cpl || isCode || (loaded.Attributes & Segment.WritableData) == 0)
                return cpu.Raise(Vectors.GeneralProtection, error);
            if (!loaded.IsUsable)
                return cpu.Raise(Vectors.StackFault, error);
        }
        else
        {
            if (isCode && (loaded.Attributes & Segment.ReadableCode) == 0)
                return cpu.Raise(Vectors.GeneralProtection, error);
            bool conforming = isCode && (loaded.Attributes & Segment.Conforming) != 0;
            if (!conforming && (requested > loaded.PrivilegeLevel || c->Cpl > loaded.PrivilegeLevel))
                return cpu.Raise(Vectors.GeneralProtection, error);
            if (!loaded.IsUsable)
                return cpu.Raise(Vectors.SegmentNotPresent, error);
        }

        if (!MarkAccessed(cpu, ref loaded, descriptor, address))
            return StepResult.Fault;
        *segment = loaded;
        SetBase(c, register, loaded.Base);
        return StepResult.Next;
    }

    /// <summary>Loads a segment register as real and virtual-8086 mode do.</summary>
    internal static void LoadReal(TranslatorCpu cpu, Register register, ushort selector)
    {
        CpuContext* c = cpu.C;
        Segment* segment = cpu.SegmentOf(register);
        segment->Selector = selector;
        segment->Base = (uint)selector << 4;
        SetBase(c, register, segment->Base);
        if ((c->SystemFlags & Bits.Virtual8086) != 0)
        {
            segment->Limit = 0xffff;
            segment->Attributes = 0xf3;
        }
        else if (register == Register.CS)
        {
            segment->Attributes = 0x9b;
        }
    }

    /// <summary>Sets the descriptor's accessed bit in its table, and in the copy. False: page fault.</summary>
    internal static bool MarkAccessed(TranslatorCpu cpu, ref Segment segment, ulong descriptor, ulong address)
    {
        if ((segment.Attributes & Segment.Accessed) != 0)
            return true;
        segment.Attributes |= Segment.Accessed;
        return cpu.Memory.WriteSystem(address + 5, (byte)((descriptor >> 40) | 1));
    }

    /// <summary>The base of FS and GS lives in the register array.</summary>
    internal static void SetBase(CpuContext* c, Register register, ulong @base)
    {
        if (register == Register.FS)
            c->Gpr[CpuContext.FsBaseSlot] = @base;
        else if (register == Register.GS)
            c->Gpr[CpuContext.GsBaseSlot] = @base;
    }

    /// <summary>A flat segment as SYSCALL and its kin load it.</summary>
    internal static Segment Flat(ushort selector, ushort attributes) => new() { Selector = selector, Limit = 0xffff_ffff, Attributes = attributes };
}
