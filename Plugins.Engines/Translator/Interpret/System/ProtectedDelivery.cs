using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Events in 16- and 32-bit protected mode: interrupt and trap gates, the stack switch through the TSS, entry from virtual-8086 mode. Task gates raise #GP.</summary>
internal static unsafe class ProtectedDelivery
{
    internal static bool Deliver(TranslatorCpu cpu, byte vector, bool software, bool external, bool hasError, uint error, ulong returnAddress)
    {
        CpuContext* c = cpu.C;
        uint entry = vector * 8u;
        uint ext = external ? 1u : 0;
        uint gateError = (vector * 8u) | 2 | ext;
        if (entry + 7 > c->IdtrLimit)
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, gateError);
        if (!cpu.Memory.ReadSystem(c->IdtrBase + entry, out ulong gate))
            return false;
        int type = (int)(gate >> 40) & 0x1f;
        if (type is not (6 or 7 or 0xe or 0xf) || (software && (int)((gate >> 45) & 3) < c->Cpl))
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, gateError);
        if ((gate >> 47 & 1) == 0)
            return EventDelivery.Refuse(cpu, Vectors.SegmentNotPresent, gateError);

        bool wide = type >= 0xe;
        var selector = (ushort)(gate >> 16);
        ulong target = (gate & 0xffff) | (wide ? (gate >> 32) & 0xffff_0000 : 0);
        uint selectorError = ((uint)selector & 0xfffc) | ext;
        if ((selector & ~3) == 0)
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, ext);
        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return !fault && EventDelivery.Refuse(cpu, Vectors.GeneralProtection, selectorError);
        Segment code = Descriptors.Unpack(selector, descriptor);
        const int WantedBits = Segment.NotSystem | Segment.Code;
        if ((code.Attributes & WantedBits) != WantedBits || code.PrivilegeLevel > c->Cpl)
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, selectorError);
        if (!code.IsUsable)
            return EventDelivery.Refuse(cpu, Vectors.SegmentNotPresent, selectorError);

        bool v86 = (c->SystemFlags & Bits.Virtual8086) != 0;
        int privilege = (code.Attributes & Segment.Conforming) != 0 && !v86 ? c->Cpl : code.PrivilegeLevel;
        Segment stackSegment = c->Ss;
        ulong pointer = c->Gpr[4];
        bool inner = privilege < c->Cpl;
        if (v86 && privilege != 0)
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, selectorError);
        if (inner && !InnerStack(cpu, privilege, ext, out stackSegment, out pointer))
            return false;

        var frame = new SegmentedStack(cpu, stackSegment, pointer, wide ? 4 : 2);
        uint flags = Flags.All(c);
        bool stored = (!v86 || (frame.Push(c->Gs.Selector) && frame.Push(c->Fs.Selector) && frame.Push(c->Ds.Selector) && frame.Push(c->Es.Selector)))
            && (!inner || (frame.Push(c->Ss.Selector) && frame.Push((uint)c->Gpr[4])))
            && frame.Push(flags) && frame.Push(c->Cs.Selector) && frame.Push((uint)returnAddress) && (!hasError || frame.Push(error));
        if (!stored || !Descriptors.MarkAccessed(cpu, ref code, descriptor, address))
            return false;
        if (target > code.Limit)
            return EventDelivery.Refuse(cpu, Vectors.GeneralProtection, ext);

        c->SystemFlags &= ~(Bits.Trap | Bits.NestedTask | Bits.Resume | Bits.Virtual8086 | ((type & 1) == 0 ? Bits.Interrupt : 0));
        if (v86)
        {
            foreach (Register register in (ReadOnlySpan<Register>)[Register.ES, Register.DS, Register.FS, Register.GS])
            {
                *cpu.SegmentOf(register) = default;
                Descriptors.SetBase(c, register, 0);
            }
        }

        code.Selector = (ushort)((selector & ~3) | privilege);
        c->Cs = code;
        c->Ss = stackSegment;
        if ((stackSegment.Attributes & Segment.Big) != 0)
            c->Gpr[4] = (uint)frame.Pointer;
        else
            Registers.Write(c, Register.SP, frame.Pointer);
        c->Rip = target;
        c->InterruptShadow = false;
        cpu.UpdateMode();
        return true;
    }

    /// <summary>The stack that the TSS names for a more privileged level.</summary>
    private static bool InnerStack(TranslatorCpu cpu, int privilege, uint ext, out Segment segment, out ulong pointer)
    {
        CpuContext* c = cpu.C;
        segment = default;
        pointer = 0;
        bool wideTss = (c->Tr.Attributes & 8) != 0;
        uint slot = wideTss ? 4u + ((uint)privilege * 8) : 2u + ((uint)privilege * 4);
        uint tssError = (c->Tr.Selector & 0xfffcu) | ext;
        if (slot + (wideTss ? 5u : 3u) > c->Tr.Limit)
            return EventDelivery.Refuse(cpu, Vectors.InvalidTss, tssError);
        ushort selector;
        if (wideTss)
        {
            if (!cpu.Memory.ReadSystem(c->Tr.Base + slot, out uint esp) || !cpu.Memory.ReadSystem(c->Tr.Base + slot + 4, out selector))
                return false;
            pointer = esp;
        }
        else
        {
            if (!cpu.Memory.ReadSystem(c->Tr.Base + slot, out ushort sp) || !cpu.Memory.ReadSystem(c->Tr.Base + slot + 2, out selector))
                return false;
            pointer = sp;
        }

        uint error = (selector & 0xfffcu) | ext;
        if ((selector & ~3) == 0 || (selector & 3) != privilege)
            return EventDelivery.Refuse(cpu, Vectors.InvalidTss, error);
        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return !fault && EventDelivery.Refuse(cpu, Vectors.InvalidTss, error);
        segment = Descriptors.Unpack(selector, descriptor);
        const int Kind = Segment.NotSystem | Segment.Code | Segment.WritableData;
        if ((segment.Attributes & Kind) != (Segment.NotSystem | Segment.WritableData) || segment.PrivilegeLevel != privilege)
            return EventDelivery.Refuse(cpu, Vectors.InvalidTss, error);
        if (!segment.IsUsable)
            return EventDelivery.Refuse(cpu, Vectors.StackFault, error);
        return Descriptors.MarkAccessed(cpu, ref segment, descriptor, address);
    }
}
