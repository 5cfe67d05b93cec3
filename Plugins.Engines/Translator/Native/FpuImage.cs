using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.Interpret.Fpu;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// The x87 state as FRSTOR loads it and FNSAVE stores it in 64-bit mode (Intel SDM volume 1, figure 8-9): control, status and tag words, pointers that nobody uses, and
/// the registers from ST(0) on, ten bytes each. A signal that comes while the host has the guest's registers saves them and starts its handler with none.
/// </summary>
internal static unsafe class FpuImage
{
    /// <summary>Bytes.</summary>
    internal const int Size = Environment + (8 * RegisterSize);

    private const int Environment = 28;
    private const int RegisterSize = 10;
    private const int TopShift = 11;

    /// <summary>Whether x87 instructions are allowed, and none of their exceptions would be delivered.</summary>
    internal static bool IsUsable(CpuContext* c)
        => (c->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) == 0 && (c->FpuControl & FloatFlags.All) == FloatFlags.All && (c->FpuStatus & FpuWords.ErrorSummary) == 0;

    /// <summary>Makes the image of the context's registers, for code of the page that the context says.</summary>
    internal static void Put(CpuContext* c)
    {
        byte* image = c->FpuImage;
        int tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            if ((c->FpuTags & (1 << physical)) == 0)
                tags |= 3 << (2 * physical);
        }

        *(uint*)image = c->FpuControl;
        *(uint*)(image + 4) = FpuControl.Status(c);
        *(uint*)(image + 8) = (uint)tags;
        for (int i = 0; i < 8; i++)
        {
            Extended value = FpuUnit.Read(c, i);
            byte* register = image + Environment + (i * RegisterSize);
            *(ulong*)register = value.Significand;
            *(ushort*)(register + sizeof(ulong)) = value.SignExponent;
        }

        c->FpuPage = c->CodePage;
        c->FpuPlace = -1;
        c->FpuResidence = FpuResidence.ToLoad;
    }

    /// <summary>Takes the image into the context.</summary>
    internal static void Take(CpuContext* c)
    {
        byte* image = c->FpuImage;
        uint status = *(ushort*)(image + 4);
        c->FpuControl = *(ushort*)image;
        c->FpuTop = (byte)((status >> TopShift) & 7);
        c->FpuStatus = (ushort)(status & ~(7u << TopShift));
        int tags = *(ushort*)(image + 8);
        c->FpuTags = 0;
        for (int i = 0; i < 8; i++)
        {
            int physical = FpuUnit.Physical(c, i);
            byte* register = image + Environment + (i * RegisterSize);
            c->FpuSignificand[physical] = *(ulong*)register;
            c->FpuExponent[physical] = *(ushort*)(register + sizeof(ulong));
            if (((tags >> (2 * i)) & 3) != 3)
                c->FpuTags |= (byte)(1 << i);
        }

        if (c->FpuPlace >= 0)
        {
            c->FpuInstruction = c->FpuPage + (ulong)c->FpuPlace;
            c->FpuInstructionSelector = c->Cs.Selector;
        }

        c->FpuResidence = FpuResidence.Context;
    }
}
