using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>The 512-byte FXSAVE image (Intel SDM volume 1, table 10-2), which is also the legacy part of XSAVE.</summary>
internal static unsafe class Fxsave
{
    /// <summary>Bits of MXCSR that may be set (no DAZ restriction).</summary>
    internal const uint MxcsrMask = 0xffff;

    /// <summary>Stores x87, MMX and SSE state. <paramref name="wide"/>: the 64-bit form of the instruction and data pointers.</summary>
    internal static void Store(CpuContext* c, byte* area, bool wide)
    {
        *(ushort*)area = c->FpuControl;
        *(ushort*)(area + 2) = (ushort)(c->FpuStatus | (c->FpuTop << 11));
        area[4] = c->FpuTags;
        area[5] = 0;
        *(ushort*)(area + 6) = c->FpuOpcode;
        if (wide)
        {
            *(ulong*)(area + 8) = c->FpuInstruction;
            *(ulong*)(area + 16) = c->FpuData;
        }
        else
        {
            *(uint*)(area + 8) = (uint)c->FpuInstruction;
            *(uint*)(area + 12) = c->FpuInstructionSelector;
            *(uint*)(area + 16) = (uint)c->FpuData;
            *(uint*)(area + 20) = c->FpuDataSelector;
        }

        *(uint*)(area + 24) = c->Mxcsr;
        *(uint*)(area + 28) = MxcsrMask;
        for (int i = 0; i < 8; i++)
        {
            int physical = (c->FpuTop + i) & 7;
            byte* slot = area + 32 + (i * 16);
            *(ulong*)slot = c->FpuSignificand[physical];
            *(ulong*)(slot + 8) = c->FpuExponent[physical];
        }

        for (int i = 0; i < 16; i++)
            Buffer.MemoryCopy(&c->Vector[i * 32], area + 160 + (i * 16), 16, 16);
    }

    /// <summary>Loads x87, MMX and SSE state. The caller has checked MXCSR.</summary>
    internal static void Load(CpuContext* c, byte* area, bool wide)
    {
        LoadX87(c, area, wide);
        c->Mxcsr = *(uint*)(area + 24) & MxcsrMask;
        for (int i = 0; i < 16; i++)
            Buffer.MemoryCopy(area + 160 + (i * 16), &c->Vector[i * 32], 16, 16);
    }

    /// <summary>Loads the x87 part alone.</summary>
    internal static void LoadX87(CpuContext* c, byte* area, bool wide)
    {
        ushort status = *(ushort*)(area + 2);
        c->FpuStatus = (ushort)(status & ~0x3800);
        c->FpuTop = (byte)((status >> 11) & 7);
        c->FpuTags = area[4];
        c->FpuOpcode = (ushort)(*(ushort*)(area + 6) & 0x7ff);
        c->FpuInstruction = wide ? *(ulong*)(area + 8) : *(uint*)(area + 8);
        c->FpuData = wide ? *(ulong*)(area + 16) : *(uint*)(area + 16);
        c->FpuInstructionSelector = wide ? (ushort)0 : *(ushort*)(area + 12);
        c->FpuDataSelector = wide ? (ushort)0 : *(ushort*)(area + 20);
        Fpu.FpuControl.SetControl(c, *(ushort*)area);
        for (int i = 0; i < 8; i++)
        {
            int physical = (c->FpuTop + i) & 7;
            byte* slot = area + 32 + (i * 16);
            c->FpuSignificand[physical] = *(ulong*)slot;
            c->FpuExponent[physical] = *(ushort*)(slot + 8);
        }
    }
}
