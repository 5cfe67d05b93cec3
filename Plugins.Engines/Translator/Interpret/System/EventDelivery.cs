using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>
/// Delivers exceptions and interrupts through the real-mode vector table, the 32-bit IDT or the 64-bit IDT with IST (Intel SDM volume 3, chapter 6),
/// double faults included.
/// </summary>
internal static unsafe class EventDelivery
{
    private const uint ExternalEvent = 1;
    private const uint IdtEntry = 2;

    /// <summary>
    /// Delivers the fault recorded in the context; execution resumes at its instruction. False: triple fault.
    /// </summary>
    internal static bool Fault(TranslatorCpu cpu)
    {
        CpuContext* c = cpu.C;
        c->Rip = c->InstructionStart;
        byte vector = c->FaultVector;
        bool hasError = c->FaultHasError;
        uint error = c->FaultError;

        // So that a breakpoint on the instruction is not hit again when it is resumed. A debug exception is a fault only if it is for such a breakpoint,
        // which has set the flag then.
        if (vector != Vectors.Debug)
            c->SystemFlags |= Bits.Resume;
        while (true)
        {
            if (Deliver(cpu, vector, software: false, external: true, hasError, error, c->InstructionStart))
                return true;
            if (vector == Vectors.DoubleFault)
                return false;
            if (IsDouble(vector, c->FaultVector))
            {
                vector = Vectors.DoubleFault;
                hasError = true;
                error = 0;
            }
            else
            {
                vector = c->FaultVector;
                hasError = c->FaultHasError;
                error = c->FaultError;
            }
        }
    }

    /// <summary>Delivers an external interrupt or NMI between instructions. False: triple fault.</summary>
    internal static bool External(TranslatorCpu cpu, byte vector)
    {
        CpuContext* c = cpu.C;
        c->InstructionStart = c->Rip;
        return Deliver(cpu, vector, software: false, external: true, hasError: false, 0, c->Rip) || Fault(cpu);
    }

    /// <summary>INT n, INT3, INTO: gate privilege is checked, and the return address is the next instruction.</summary>
    internal static StepResult Software(TranslatorCpu cpu, byte vector)
        => Deliver(cpu, vector, software: true, external: false, hasError: false, 0, cpu.C->Rip) ? StepResult.Leave : StepResult.Fault;

    private static bool IsDouble(byte first, byte second)
    {
        static bool Contributory(byte vector) => vector is Vectors.DivideError or (>= Vectors.InvalidTss and <= Vectors.GeneralProtection);
        return (Contributory(first) && Contributory(second))
            || (first == Vectors.PageFault && (second == Vectors.PageFault || Contributory(second)));
    }

    private static bool Deliver(TranslatorCpu cpu, byte vector, bool software, bool external, bool hasError, uint error, ulong returnAddress)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0)
            return DeliverReal(cpu, vector, returnAddress);
        return (c->Efer & Bits.EferLongModeActive) != 0
            ? DeliverLong(cpu, vector, software, external, hasError, error, returnAddress)
            : ProtectedDelivery.Deliver(cpu, vector, software, external, hasError, error, returnAddress);
    }

    private static bool DeliverReal(TranslatorCpu cpu, byte vector, ulong returnAddress)
    {
        CpuContext* c = cpu.C;
        uint entry = vector * 4u;
        if (entry + 3 > c->IdtrLimit)
        {
            cpu.Raise(Vectors.GeneralProtection);
            return false;
        }

        if (!cpu.Memory.ReadSystem(c->IdtrBase + entry, out uint target))
            return false;
        var sp = (ushort)(c->Gpr[4] - 6);
        ulong stack = c->Ss.Base;
        if (!cpu.Memory.WriteSystem(stack + (ushort)(sp + 4), (ushort)Flags.All(c)) || !cpu.Memory.WriteSystem(stack + (ushort)(sp + 2), c->Cs.Selector)
            || !cpu.Memory.WriteSystem(stack + sp, (ushort)returnAddress))
            return false;
        Registers.Write(c, Register.SP, sp);
        c->SystemFlags &= ~(Bits.Interrupt | Bits.Trap | Bits.AlignmentCheck);
        Descriptors.LoadReal(cpu, Register.CS, (ushort)(target >> 16));
        c->Rip = (ushort)target;
        cpu.UpdateMode();
        return true;
    }

    private static bool DeliverLong(TranslatorCpu cpu, byte vector, bool software, bool external, bool hasError, uint error, ulong returnAddress)
    {
        CpuContext* c = cpu.C;
        uint entry = vector * 16u;
        uint gateError = (vector * 8u) | IdtEntry | (external ? ExternalEvent : 0);
        if (entry + 15 > c->IdtrLimit)
            return Refuse(cpu, Vectors.GeneralProtection, gateError);
        if (!cpu.Memory.ReadSystem(c->IdtrBase + entry, out ulong low) || !cpu.Memory.ReadSystem(c->IdtrBase + entry + 8, out ulong high))
            return false;
        int type = (int)(low >> 40) & 0x1f;
        if (type is not (0xe or 0xf) || (software && (int)((low >> 45) & 3) < c->Cpl))
            return Refuse(cpu, Vectors.GeneralProtection, gateError);
        if ((low >> 47 & 1) == 0)
            return Refuse(cpu, Vectors.SegmentNotPresent, gateError);

        var selector = (ushort)(low >> 16);
        ulong target = (low & 0xffff) | ((low >> 32) & 0xffff_0000) | (high << 32);
        uint selectorError = ((uint)selector & 0xfffc) | (external ? ExternalEvent : 0);
        if ((selector & ~3) == 0)
            return Refuse(cpu, Vectors.GeneralProtection, external ? ExternalEvent : 0);
        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return !fault && Refuse(cpu, Vectors.GeneralProtection, selectorError);
        Segment code = Descriptors.Unpack(selector, descriptor);
        const int WantedBits = Segment.NotSystem | Segment.Code;
        if ((code.Attributes & WantedBits) != WantedBits || code.PrivilegeLevel > c->Cpl
            || (code.Attributes & (Segment.Long | Segment.Big)) != Segment.Long)
            return Refuse(cpu, Vectors.GeneralProtection, selectorError);
        if (!code.IsUsable)
            return Refuse(cpu, Vectors.SegmentNotPresent, selectorError);

        int privilege = (code.Attributes & Segment.Conforming) != 0 ? c->Cpl : code.PrivilegeLevel;
        int ist = (int)(low >> 32) & 7;
        ulong stack = c->Gpr[4];
        if (ist != 0 || privilege < c->Cpl)
        {
            uint slot = ist != 0 ? 0x24u + ((uint)(ist - 1) * 8) : 4u + ((uint)privilege * 8);
            if (slot + 7 > c->Tr.Limit)
                return Refuse(cpu, Vectors.InvalidTss, c->Tr.Selector & 0xfffcu);
            if (!cpu.Memory.ReadSystem(c->Tr.Base + slot, out stack))
                return false;
        }

        if (!Operands.IsCanonical(stack))
            return Refuse(cpu, Vectors.StackFault, external ? ExternalEvent : 0);
        stack &= ~15UL;
        CpuMemoryStack frame = new(cpu, stack, privilege);
        bool stored = frame.Push(c->Ss.Selector) && frame.Push(c->Gpr[4]) && frame.Push(Flags.All(c)) && frame.Push(c->Cs.Selector)
            && frame.Push(returnAddress) && (!hasError || frame.Push(error));
        if (!stored || !Descriptors.MarkAccessed(cpu, ref code, descriptor, address))
            return false;
        if (!Operands.IsCanonical(target))
            return Refuse(cpu, Vectors.GeneralProtection, 0);

        if (privilege != c->Cpl)
            c->Ss = new Segment { Selector = (ushort)privilege, Attributes = (ushort)(privilege << 5) };
        code.Selector = (ushort)((selector & ~3) | privilege);
        c->Cs = code;
        c->Gpr[4] = frame.Pointer;
        c->Rip = target;
        c->SystemFlags &= ~(Bits.Trap | Bits.NestedTask | Bits.Resume | Bits.Virtual8086 | (type == 0xe ? Bits.Interrupt : 0));
        c->InterruptShadow = false;
        cpu.UpdateMode();
        return true;
    }

    /// <summary>Records a fault of the delivery itself.</summary>
    internal static bool Refuse(TranslatorCpu cpu, byte vector, uint error)
    {
        cpu.Raise(vector, error);
        return false;
    }
}
