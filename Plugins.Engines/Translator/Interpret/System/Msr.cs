using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Model-specific registers that the CPU keeps itself (Intel SDM volume 4; AMD64 APM volume 2, appendix A).</summary>
internal static unsafe class Msr
{
    internal const uint TimestampCounter = 0x10;
    internal const uint SysenterCs = 0x174;
    internal const uint SysenterEsp = 0x175;
    internal const uint SysenterEip = 0x176;
    internal const uint MiscEnable = 0x1a0;
    internal const uint Pat = 0x277;
    internal const uint MtrrDefaultType = 0x2ff;
    internal const uint Efer = 0xc000_0080;
    internal const uint Star = 0xc000_0081;
    internal const uint Lstar = 0xc000_0082;
    internal const uint Cstar = 0xc000_0083;
    internal const uint Sfmask = 0xc000_0084;
    internal const uint FsBase = 0xc000_0100;
    internal const uint GsBase = 0xc000_0101;
    internal const uint KernelGsBase = 0xc000_0102;
    internal const uint TscAux = 0xc000_0103;

    /// <summary>Those that belong to a saved CPU's state.</summary>
    internal static readonly uint[] Stored =
    [
        SysenterCs, SysenterEsp, SysenterEip, MiscEnable, Pat, MtrrDefaultType, Efer, Star, Lstar, Cstar, Sfmask, KernelGsBase, TscAux,
    ];

    /// <summary>A stored register's value.</summary>
    internal static bool TryReadStored(CpuContext* c, uint index, out ulong value)
    {
        ulong* slot = Slot(c, index);
        value = slot == null ? 0 : *slot;
        return slot != null;
    }

    /// <summary>Replaces a stored register's value, unchecked.</summary>
    internal static bool TryWriteStored(CpuContext* c, uint index, ulong value)
    {
        ulong* slot = Slot(c, index);
        if (slot == null)
            return false;
        *slot = value;
        return true;
    }

    private static ulong* Slot(CpuContext* c, uint index) => index switch
    {
        SysenterCs => &c->SysenterCs,
        SysenterEsp => &c->SysenterEsp,
        SysenterEip => &c->SysenterEip,
        MiscEnable => &c->MiscEnable,
        Pat => &c->Pat,
        MtrrDefaultType => &c->MtrrDefault,
        Efer => &c->Efer,
        Star => &c->Star,
        Lstar => &c->Lstar,
        Cstar => &c->Cstar,
        Sfmask => &c->Sfmask,
        KernelGsBase => &c->KernelGsBase,
        TscAux => &c->TscAux,
        _ => null,
    };
}
