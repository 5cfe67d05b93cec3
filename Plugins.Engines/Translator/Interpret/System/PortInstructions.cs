using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>IN, OUT, INS, OUTS with the I/O permission bitmap (Intel SDM volume 1, chapter 19).</summary>
internal static unsafe class PortInstructions
{
    internal static void Register(HandlerTable table)
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            switch (code.Mnemonic())
            {
                case Mnemonic.In:
                    table.Set(code, &In);
                    break;
                case Mnemonic.Out:
                    table.Set(code, &Out);
                    break;
                case Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd:
                    table.Set(code, &InString);
                    break;
                case Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd:
                    table.Set(code, &OutString);
                    break;
            }
        }
    }

    private static bool Allowed(TranslatorCpu cpu, ushort port, int size)
    {
        CpuContext* c = cpu.C;
        bool v86 = (c->SystemFlags & Bits.Virtual8086) != 0;
        if ((c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (!v86 && c->Cpl <= (int)((c->SystemFlags & Bits.IoPrivilege) >> 12)))
            return true;
        if (c->Tr.IsUsable && (c->Tr.Attributes & 8) != 0 && c->Tr.Limit >= 0x67)
        {
            if (!cpu.Memory.ReadSystem(c->Tr.Base + 0x66, out ushort map))
                return false;
            uint at = map + (port / 8u);
            if (at + 1 <= c->Tr.Limit)
            {
                if (!cpu.Memory.ReadSystem(c->Tr.Base + at, out ushort bits))
                    return false;
                if (((bits >> (port & 7)) & ((1 << size) - 1)) == 0)
                    return true;
            }
        }

        cpu.GeneralProtection();
        return false;
    }

    private static StepResult In(TranslatorCpu cpu, in Instruction i)
    {
        int size = Registers.Size(i.Op0Register);
        ushort port = i.Op1Kind == OpKind.Register ? (ushort)cpu.C->Gpr[2] : i.Immediate8;
        if (!Allowed(cpu, port, size))
            return StepResult.Fault;
        Registers.Write(cpu.C, i.Op0Register, cpu.Host.ReadPort(port, size));
        return StepResult.Next;
    }

    private static StepResult Out(TranslatorCpu cpu, in Instruction i)
    {
        int size = Registers.Size(i.Op1Register);
        ushort port = i.Op0Kind == OpKind.Register ? (ushort)cpu.C->Gpr[2] : i.Immediate8;
        if (!Allowed(cpu, port, size))
            return StepResult.Fault;
        cpu.Host.WritePort(port, size, (uint)Operands.Truncate(cpu.C->Gpr[0], size));
        return StepResult.Leave;
    }

    private static StepResult InString(TranslatorCpu cpu, in Instruction i)
    {
        int size = i.MemorySize.GetSize();
        var port = (ushort)cpu.C->Gpr[2];
        Register index = i.Op0Kind switch
        {
            OpKind.MemoryESDI => Iced.Intel.Register.DI,
            OpKind.MemoryESEDI => Iced.Intel.Register.EDI,
            _ => Iced.Intel.Register.RDI,
        };
        return Repeat(cpu, i, index, size, port, static (cpu, index, size, port, _) =>
        {
            if (!Operands.Linear(cpu, Iced.Intel.Register.ES, Registers.Read(cpu.C, index), size, write: true, out ulong linear)
                || cpu.Memory.WouldFault(linear, size, write: true))
                return false;
            return Operands.WriteMemory(cpu, linear, size, cpu.Host.ReadPort(port, size));
        });
    }

    private static StepResult OutString(TranslatorCpu cpu, in Instruction i)
    {
        int size = i.MemorySize.GetSize();
        var port = (ushort)cpu.C->Gpr[2];
        Register index = i.Op1Kind switch
        {
            OpKind.MemorySegSI => Iced.Intel.Register.SI,
            OpKind.MemorySegESI => Iced.Intel.Register.ESI,
            _ => Iced.Intel.Register.RSI,
        };
        return Repeat(cpu, i, index, size, port, static (cpu, index, size, port, segment) =>
        {
            if (!Operands.Linear(cpu, segment, Registers.Read(cpu.C, index), size, write: false, out ulong linear)
                || !Operands.ReadMemory(cpu, linear, size, out ulong value))
                return false;
            cpu.Host.WritePort(port, size, (uint)value);
            return true;
        });
    }

    private static StepResult Repeat(
        TranslatorCpu cpu, in Instruction i, Register index, int size, ushort port, Func<TranslatorCpu, Register, int, ushort, Register, bool> element)
    {
        CpuContext* c = cpu.C;
        if (!Allowed(cpu, port, size))
            return StepResult.Fault;
        bool repeated = i.HasRepPrefix || i.HasRepnePrefix;
        Register counter = Registers.Size(index) switch
        {
            2 => Iced.Intel.Register.CX,
            4 => Iced.Intel.Register.ECX,
            _ => Iced.Intel.Register.RCX,
        };
        ulong step = (c->SystemFlags & Bits.Direction) != 0 ? (ulong)-size : (ulong)size;
        Register segment = i.MemorySegment;
        while (!repeated || Registers.Read(c, counter) != 0)
        {
            if (!element(cpu, index, size, port, segment))
                return StepResult.Fault;
            Registers.Write(c, index, Registers.Read(c, index) + step);
            if (!repeated)
                break;
            Registers.Write(c, counter, Registers.Read(c, counter) - 1);
            if (*c->Poll != 0 && Registers.Read(c, counter) != 0)
            {
                c->Rip = c->InstructionStart;
                return StepResult.Leave;
            }
        }

        return StepResult.Leave;
    }
}
