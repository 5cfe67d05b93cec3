using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>RDMSR and WRMSR with their checks; registers that are not the CPU's own are asked of the machine around it.</summary>
internal static unsafe class MsrAccess
{
    private const uint PlatformId = 0x17;
    private const uint MicrocodeRevision = 0x8b;
    private const uint MtrrCapability = 0xfe;
    private const uint MachineCheckCapability = 0x179;

    private const ulong EferWritable = Bits.EferSyscall | Bits.EferLongModeEnable | Bits.EferNoExecute;

    /// <summary>False: #GP.</summary>
    internal static bool TryRead(TranslatorCpu cpu, uint index, out ulong value)
    {
        CpuContext* c = cpu.C;
        if (Msr.TryReadStored(c, index, out value))
            return true;
        switch (index)
        {
            case Msr.TimestampCounter:
                value = cpu.Host.ReadTimestamp() + c->TscOffset;
                return true;
            case Msr.FsBase:
                value = c->Gpr[CpuContext.FsBaseSlot];
                return true;
            case Msr.GsBase:
                value = c->Gpr[CpuContext.GsBaseSlot];
                return true;
            case PlatformId or MicrocodeRevision or MtrrCapability or MachineCheckCapability:
                value = 0;
                return true;
            default:
                return cpu.Host.TryReadMsr(index, out value);
        }
    }

    /// <summary>False: #GP.</summary>
    internal static bool TryWrite(TranslatorCpu cpu, uint index, ulong value)
    {
        CpuContext* c = cpu.C;
        switch (index)
        {
            case Msr.TimestampCounter:
                c->TscOffset = value - cpu.Host.ReadTimestamp();
                return true;
            case Msr.Efer:
                if ((value & ~(EferWritable | Bits.EferLongModeActive)) != 0
                    || (((c->Efer ^ value) & Bits.EferLongModeEnable) != 0 && (c->Cr0 & Bits.Cr0Paging) != 0))
                    return false;
                c->Efer = (value & EferWritable) | (c->Efer & Bits.EferLongModeActive);
                cpu.Memory.FlushAll();
                return true;
            case Msr.FsBase:
                return SetCanonical(&c->Gpr[CpuContext.FsBaseSlot], value);
            case Msr.GsBase:
                return SetCanonical(&c->Gpr[CpuContext.GsBaseSlot], value);
            case Msr.KernelGsBase:
                return SetCanonical(&c->KernelGsBase, value);
            case Msr.Lstar:
                return SetCanonical(&c->Lstar, value);
            case Msr.Cstar:
                return SetCanonical(&c->Cstar, value);
            case Msr.SysenterEip:
                return SetCanonical(&c->SysenterEip, value);
            case Msr.SysenterEsp:
                return SetCanonical(&c->SysenterEsp, value);
            case Msr.Pat:
                if (!IsPat(value))
                    return false;
                c->Pat = value;
                return true;
            case Msr.TscAux when value >> 32 != 0:
                return false;
            case MicrocodeRevision:
                return true;
            default:
                return Msr.TryWriteStored(c, index, value) || cpu.Host.TryWriteMsr(index, value);
        }
    }

    private static bool SetCanonical(ulong* slot, ulong value)
    {
        if (!Operands.IsCanonical(value))
            return false;
        *slot = value;
        return true;
    }

    /// <summary>Each byte is a memory type 0, 1, 4, 5, 6 or 7.</summary>
    private static bool IsPat(ulong value)
    {
        for (int i = 0; i < 8; i++, value >>= 8)
        {
            if ((byte)value is > 7 or 2 or 3)
                return false;
        }

        return true;
    }
}
