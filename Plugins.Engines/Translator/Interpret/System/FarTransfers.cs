using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>
/// Far JMP, CALL and RET to code segments (Intel SDM volume 2). Call gates, task gates and task switches raise #GP: no operating system that Hospes
/// boots uses them.
/// </summary>
internal static unsafe class FarTransfers
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Jmp_ptr1616, &JumpDirect);
        table.Set(Code.Jmp_ptr1632, &JumpDirect);
        table.Set(Code.Jmp_m1616, &JumpIndirect);
        table.Set(Code.Jmp_m1632, &JumpIndirect);
        table.Set(Code.Jmp_m1664, &JumpIndirect);
        table.Set(Code.Call_ptr1616, &CallDirect);
        table.Set(Code.Call_ptr1632, &CallDirect);
        table.Set(Code.Call_m1616, &CallIndirect);
        table.Set(Code.Call_m1632, &CallIndirect);
        table.Set(Code.Call_m1664, &CallIndirect);
        table.Set(Code.Retfw, &Return);
        table.Set(Code.Retfd, &Return);
        table.Set(Code.Retfq, &Return);
        table.Set(Code.Retfw_imm16, &Return);
        table.Set(Code.Retfd_imm16, &Return);
        table.Set(Code.Retfq_imm16, &Return);
    }

    /// <summary>Checks a code segment that a return goes to (same or outer level), and gives its hidden part with the selector's privilege.</summary>
    internal static StepResult CheckReturn(TranslatorCpu cpu, ushort selector, ulong rip, out Segment code)
    {
        CpuContext* c = cpu.C;
        code = default;
        int target = selector & 3;
        var error = (uint)(selector & ~3);
        if (error == 0)
            return cpu.GeneralProtection();
        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return fault ? StepResult.Fault : cpu.Raise(Vectors.GeneralProtection, error);
        code = Descriptors.Unpack(selector, descriptor);
        const int WantedBits = Segment.NotSystem | Segment.Code;
        bool conforming = (code.Attributes & Segment.Conforming) != 0;
        if ((code.Attributes & WantedBits) != WantedBits || target < c->Cpl
            || (conforming ? code.PrivilegeLevel > target : code.PrivilegeLevel != target) || IsBadLong(c, code))
            return cpu.Raise(Vectors.GeneralProtection, error);
        if (!code.IsUsable)
            return cpu.Raise(Vectors.SegmentNotPresent, error);
        StepResult place = CheckTarget(cpu, code, rip);
        if (place != StepResult.Next)
            return place;
        return Descriptors.MarkAccessed(cpu, ref code, descriptor, address) ? StepResult.Next : StepResult.Fault;
    }

    /// <summary>Checks the stack segment of a return that changes it.</summary>
    internal static StepResult CheckOuterStack(TranslatorCpu cpu, ushort selector, int privilege, bool toLong, out Segment stack)
    {
        stack = default;
        var error = (uint)(selector & ~3);
        if (error == 0)
        {
            if (!toLong || privilege == 3 || (selector & 3) != privilege)
                return cpu.GeneralProtection();
            stack = new Segment { Selector = selector, Attributes = (ushort)(privilege << 5) };
            return StepResult.Next;
        }

        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return fault ? StepResult.Fault : cpu.Raise(Vectors.GeneralProtection, error);
        stack = Descriptors.Unpack(selector, descriptor);
        const int Kind = Segment.NotSystem | Segment.Code | Segment.WritableData;
        if ((selector & 3) != privilege || (stack.Attributes & Kind) != (Segment.NotSystem | Segment.WritableData) || stack.PrivilegeLevel != privilege)
            return cpu.Raise(Vectors.GeneralProtection, error);
        if (!stack.IsUsable)
            return cpu.Raise(Vectors.StackFault, error);
        return Descriptors.MarkAccessed(cpu, ref stack, descriptor, address) ? StepResult.Next : StepResult.Fault;
    }

    /// <summary>After a return to an outer level: data segments that it may not use become null.</summary>
    internal static void DropPrivilegedSegments(TranslatorCpu cpu, int privilege)
    {
        foreach (Register register in (ReadOnlySpan<Register>)[Iced.Intel.Register.ES, Iced.Intel.Register.DS, Iced.Intel.Register.FS, Iced.Intel.Register.GS])
        {
            Segment* segment = cpu.SegmentOf(register);
            bool conformingCode = (segment->Attributes & (Segment.Code | Segment.Conforming)) == (Segment.Code | Segment.Conforming);
            if (segment->IsUsable && segment->PrivilegeLevel < privilege && !conformingCode)
            {
                *segment = default;
                Descriptors.SetBase(cpu.C, register, 0);
            }
        }
    }

    private static bool IsBadLong(CpuContext* c, in Segment code)
        => (c->Efer & Bits.EferLongModeActive) != 0 && (code.Attributes & (Segment.Long | Segment.Big)) == (Segment.Long | Segment.Big);

    private static StepResult CheckTarget(TranslatorCpu cpu, in Segment code, ulong rip)
    {
        bool toLong = (cpu.C->Efer & Bits.EferLongModeActive) != 0 && (code.Attributes & Segment.Long) != 0;
        return (toLong ? Operands.IsCanonical(rip) : rip <= code.Limit) ? StepResult.Next : cpu.GeneralProtection();
    }

    private static StepResult JumpDirect(TranslatorCpu cpu, in Instruction i)
        => Transfer(cpu, i.FarBranchSelector, i.Code == Code.Jmp_ptr1616 ? i.FarBranch16 : i.FarBranch32, 0);

    private static StepResult JumpIndirect(TranslatorCpu cpu, in Instruction i)
        => ReadPointer(cpu, i, out ushort selector, out ulong offset, out _) ? Transfer(cpu, selector, offset, 0) : StepResult.Fault;

    private static StepResult CallDirect(TranslatorCpu cpu, in Instruction i)
    {
        bool word = i.Code == Code.Call_ptr1616;
        return Transfer(cpu, i.FarBranchSelector, word ? i.FarBranch16 : i.FarBranch32, word ? 2 : 4);
    }

    private static StepResult CallIndirect(TranslatorCpu cpu, in Instruction i)
        => ReadPointer(cpu, i, out ushort selector, out ulong offset, out int size) ? Transfer(cpu, selector, offset, size) : StepResult.Fault;

    private static bool ReadPointer(TranslatorCpu cpu, in Instruction i, out ushort selector, out ulong offset, out int size)
    {
        size = i.MemorySize.GetSize() - 2;
        selector = 0;
        offset = 0;
        return Operands.Linear(cpu, i, size + 2, write: false, out ulong linear) && Operands.ReadMemory(cpu, linear, size, out offset)
            && cpu.Memory.Read(linear + (ulong)size, out selector);
    }

    /// <summary>JMP (push size 0) or CALL to a code segment of the same privilege.</summary>
    private static StepResult Transfer(TranslatorCpu cpu, ushort selector, ulong offset, int pushSize)
    {
        CpuContext* c = cpu.C;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SystemFlags & Bits.Virtual8086) != 0)
        {
            if (offset > c->Cs.Limit)
                return cpu.GeneralProtection();
            if (pushSize != 0 && !PushReturn(cpu, pushSize))
                return StepResult.Fault;
            Descriptors.LoadReal(cpu, Iced.Intel.Register.CS, selector);
            c->Rip = offset;
            cpu.UpdateMode();
            return StepResult.Leave;
        }

        var error = (uint)(selector & ~3);
        if (error == 0)
            return cpu.GeneralProtection();
        if (!Descriptors.TryRead(cpu, selector, out ulong descriptor, out ulong address, out bool fault))
            return fault ? StepResult.Fault : cpu.Raise(Vectors.GeneralProtection, error);
        Segment code = Descriptors.Unpack(selector, descriptor);
        const int WantedBits = Segment.NotSystem | Segment.Code;
        bool conforming = (code.Attributes & Segment.Conforming) != 0;
        bool allowed = (code.Attributes & WantedBits) == WantedBits && !IsBadLong(c, code)
            && (conforming ? code.PrivilegeLevel <= c->Cpl : (selector & 3) <= c->Cpl && code.PrivilegeLevel == c->Cpl);
        if (!allowed)
            return cpu.Raise(Vectors.GeneralProtection, error);
        if (!code.IsUsable)
            return cpu.Raise(Vectors.SegmentNotPresent, error);
        StepResult place = CheckTarget(cpu, code, offset);
        if (place != StepResult.Next)
            return place;
        if ((pushSize != 0 && !PushReturn(cpu, pushSize)) || !Descriptors.MarkAccessed(cpu, ref code, descriptor, address))
            return StepResult.Fault;
        code.Selector = (ushort)((selector & ~3) | c->Cpl);
        c->Cs = code;
        c->Rip = offset;
        cpu.UpdateMode();
        return StepResult.Leave;
    }

    /// <summary>Pushes CS and the next instruction's address, both or neither.</summary>
    private static bool PushReturn(TranslatorCpu cpu, int size)
    {
        CpuContext* c = cpu.C;
        bool isLong = c->Mode == CpuMode.Code64;
        bool big = (c->Ss.Attributes & Segment.Big) != 0;
        ulong pointer = c->Gpr[4] - (ulong)(2 * size);
        pointer = isLong ? pointer : big ? (uint)pointer : (ushort)pointer;
        if (!Operands.Linear(cpu, Iced.Intel.Register.SS, pointer, 2 * size, write: true, out ulong linear)
            || cpu.Memory.WouldFault(linear, 2 * size, write: true)
            || !Operands.WriteMemory(cpu, linear, size, c->Rip) || !Operands.WriteMemory(cpu, linear + (ulong)size, size, c->Cs.Selector))
            return false;
        if (isLong || big)
            c->Gpr[4] = pointer;
        else
            Registers.Write(c, Iced.Intel.Register.SP, pointer);
        return true;
    }

    private static StepResult Return(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        int size = i.Code switch
        {
            Code.Retfw or Code.Retfw_imm16 => 2,
            Code.Retfd or Code.Retfd_imm16 => 4,
            _ => 8,
        };
        ulong release = i.OpCount == 0 ? 0 : i.GetImmediate(0);
        var stack = new StackView(cpu, size);
        if (!stack.Pop(out ulong rip) || !stack.Pop(out ulong popped))
            return StepResult.Fault;
        var selector = (ushort)popped;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SystemFlags & Bits.Virtual8086) != 0)
        {
            stack.Skip(release);
            stack.Commit();
            Descriptors.LoadReal(cpu, Iced.Intel.Register.CS, selector);
            c->Rip = rip;
            cpu.UpdateMode();
            return StepResult.Leave;
        }

        StepResult loaded = CheckReturn(cpu, selector, rip, out Segment code);
        if (loaded != StepResult.Next)
            return loaded;
        stack.Skip(release);
        int target = selector & 3;
        if (target > c->Cpl)
        {
            if (!stack.Pop(out ulong rsp) || !stack.Pop(out ulong ss))
                return StepResult.Fault;
            bool toLong = (c->Efer & Bits.EferLongModeActive) != 0 && (code.Attributes & Segment.Long) != 0;
            StepResult outer = CheckOuterStack(cpu, (ushort)ss, target, toLong, out Segment stackSegment);
            if (outer != StepResult.Next)
                return outer;
            c->Ss = stackSegment;
            c->Gpr[4] = rsp + release;
            DropPrivilegedSegments(cpu, target);
        }
        else
        {
            stack.Commit();
        }

        c->Cs = code;
        c->Rip = rip;
        cpu.UpdateMode();
        return StepResult.Leave;
    }
}
