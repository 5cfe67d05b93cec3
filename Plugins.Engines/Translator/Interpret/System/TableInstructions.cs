using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Descriptor-table and task registers: LGDT, LIDT, SGDT, SIDT, LLDT, SLDT, LTR, STR.</summary>
internal static unsafe class TableInstructions
{
    internal static void Register(HandlerTable table)
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            switch (code.Mnemonic())
            {
                case Mnemonic.Lgdt or Mnemonic.Lidt:
                    table.Set(code, &LoadTable);
                    break;
                case Mnemonic.Sgdt or Mnemonic.Sidt:
                    table.Set(code, &StoreTable);
                    break;
                case Mnemonic.Lldt or Mnemonic.Ltr:
                    table.Set(code, &LoadSystem);
                    break;
                case Mnemonic.Sldt or Mnemonic.Str:
                    table.Set(code, &StoreSystem);
                    break;
            }
        }
    }

    private static StepResult LoadTable(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        bool isLong = c->Mode == CpuMode.Code64;
        int size = isLong ? 8 : 4;
        if (!Operands.Linear(cpu, i, size + 2, write: false, out ulong linear) || !cpu.Memory.Read(linear, out ushort limit)
            || !Operands.ReadMemory(cpu, linear + 2, size, out ulong address))
            return StepResult.Fault;
        if (i.Code is Code.Lgdt_m1632_16 or Code.Lidt_m1632_16)
            address &= 0xff_ffff;
        if (isLong && !Operands.IsCanonical(address))
            return cpu.GeneralProtection();
        if (i.Mnemonic == Mnemonic.Lgdt)
            (c->GdtrBase, c->GdtrLimit) = (address, limit);
        else
            (c->IdtrBase, c->IdtrLimit) = (address, limit);
        return StepResult.Next;
    }

    private static StepResult StoreTable(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        int size = c->Mode == CpuMode.Code64 ? 8 : 4;
        bool gdt = i.Mnemonic == Mnemonic.Sgdt;
        return Operands.Linear(cpu, i, size + 2, write: true, out ulong linear) && !cpu.Memory.WouldFault(linear, size + 2, write: true)
            && cpu.Memory.Write(linear, gdt ? c->GdtrLimit : c->IdtrLimit)
            && Operands.WriteMemory(cpu, linear + 2, size, gdt ? c->GdtrBase : c->IdtrBase)
            ? StepResult.Next : StepResult.Fault;
    }

    private static bool InProtectedMode(CpuContext* c)
        => (c->Cr0 & Bits.Cr0ProtectionEnable) != 0 && (c->SystemFlags & Bits.Virtual8086) == 0;

    private static StepResult LoadSystem(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (!InProtectedMode(c))
            return cpu.InvalidOpcode();
        if (c->Cpl != 0)
            return cpu.GeneralProtection();
        if (!Operands.Read(cpu, i, 0, 2, out ulong value))
            return StepResult.Fault;
        var selector = (ushort)value;
        bool task = i.Mnemonic == Mnemonic.Ltr;
        if ((selector & ~3) == 0)
        {
            if (task)
                return cpu.GeneralProtection();
            c->Ldtr = new Segment { Selector = selector };
            return StepResult.Next;
        }

        var error = (uint)(selector & ~3);
        ulong descriptor = 0;
        ulong address = 0;
        bool fault = false;
        if ((selector & 4) != 0 || !Descriptors.TryRead(cpu, selector, out descriptor, out address, out fault))
            return fault ? StepResult.Fault : cpu.Raise(Vectors.GeneralProtection, error);
        Segment segment = Descriptors.Unpack(selector, descriptor);
        bool longMode = (c->Efer & Bits.EferLongModeActive) != 0;
        int type = segment.Attributes & (Segment.TypeMask | Segment.NotSystem);
        bool right = task ? type == 9 || (type == 1 && !longMode) : type == 2;
        if (!right)
            return cpu.Raise(Vectors.GeneralProtection, error);
        if (!segment.IsUsable)
            return cpu.Raise(Vectors.SegmentNotPresent, error);
        if (longMode)
        {
            if (address - c->GdtrBase + 15 > c->GdtrLimit)
                return cpu.Raise(Vectors.GeneralProtection, error);
            if (!cpu.Memory.ReadSystem(address + 8, out ulong high))
                return StepResult.Fault;
            segment.Base |= high << 32;
            if (!Operands.IsCanonical(segment.Base))
                return cpu.Raise(Vectors.GeneralProtection, error);
        }

        if (task)
        {
            segment.Attributes |= 2; // busy
            if (!cpu.Memory.WriteSystem(address + 5, (byte)((descriptor >> 40) | 2)))
                return StepResult.Fault;
            c->Tr = segment;
        }
        else
        {
            c->Ldtr = segment;
        }

        return StepResult.Next;
    }

    private static StepResult StoreSystem(TranslatorCpu cpu, in Instruction i)
    {
        CpuContext* c = cpu.C;
        if (!InProtectedMode(c))
            return cpu.InvalidOpcode();
        ulong selector = i.Mnemonic == Mnemonic.Str ? c->Tr.Selector : c->Ldtr.Selector;
        int size = i.Op0Kind == OpKind.Register ? i.Op0Register.GetSize() : 2;
        return Operands.Write(cpu, i, 0, size, selector) ? StepResult.Next : StepResult.Fault;
    }
}
