using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// Walks guest page tables: none, two-level with PSE, PAE, four-level (Intel SDM volume 3, chapter 4). Checks every right, sets accessed and dirty
/// bits with compare-exchange as another CPU may walk the same tables.
/// </summary>
internal static unsafe class PageWalker
{
    private const ulong PresentBit = 1;
    private const ulong WritableBit = 2;
    private const ulong UserBit = 4;
    private const ulong AccessedBit = 0x20;
    private const ulong DirtyBit = 0x40;
    private const ulong LargeBit = 0x80;
    private const ulong GlobalPageBit = 0x100;
    private const ulong NoExecuteBit = 1UL << 63;

    private const uint ErrorPresent = 1;
    private const uint ErrorWrite = 2;
    private const uint ErrorUser = 4;
    private const uint ErrorReserved = 8;
    private const uint ErrorFetch = 16;

    /// <summary>
    /// Translates for an access. False: <paramref name="error"/> is the page-fault error code. With <paramref name="probe"/> no rights are checked
    /// and nothing is written.
    /// </summary>
    internal static bool Walk(CpuContext* c, IGuestMemory memory, ulong linear, PageAccess access, bool probe, out Translation result, out uint error)
    {
        result = default;
        error = 0;
        bool write = (access & PageAccess.Write) != 0;
        bool user = (access & PageAccess.User) != 0;
        bool fetch = (access & PageAccess.Fetch) != 0;
        if ((c->Cr0 & Bits.Cr0Paging) == 0)
        {
            result = new Translation { Physical = linear & 0xffff_ffff, Writable = true, Dirty = true, Global = false };
            return true;
        }

        bool noExecute = (c->Efer & Bits.EferNoExecute) != 0;
        uint baseError = (write ? ErrorWrite : 0) | (user ? ErrorUser : 0)
            | (fetch && (noExecute || (c->Cr4 & Bits.Cr4Smep) != 0) ? ErrorFetch : 0);
        bool longMode = (c->Efer & Bits.EferLongModeActive) != 0;
        if (longMode && !Operands.IsCanonical(linear))
        {
            // Instructions check before they come here; what is left are table bases, which must not wrap into somebody else's address.
            error = baseError;
            return false;
        }

        ulong reservedHigh = ((1UL << 52) - 1) & ~((1UL << memory.PhysicalAddressBits) - 1);
        if (!noExecute)
            reservedHigh |= NoExecuteBit;

        bool pae = (c->Cr4 & Bits.Cr4PhysicalAddressExtension) != 0;
        if (!longMode)
            reservedHigh |= 0x7ffUL << 52;
        int level = longMode ? 4 : pae ? 3 : 2;
        int indexBits = pae ? 9 : 10;
        ulong table = longMode ? c->Cr3 & 0x000f_ffff_ffff_f000UL : pae ? c->Cr3 & 0xffff_ffe0 : c->Cr3 & 0xffff_f000;
        bool writable = true;
        bool userPage = true;
        bool execute = true;
        ulong entry;
        void* slot;
        int shift;
        while (true)
        {
            shift = 12 + ((level - 1) * indexBits);
            uint index = (uint)(linear >> shift) & (pae ? 0x1ffu : 0x3ffu);
            if (!longMode && level == 3)
                index &= 3;
            ulong at = table + (index * (pae ? 8u : 4u));
            byte* page = memory.FindFrame(new GuestFrame(at >> 12));
            if (page == null)
            {
                error = baseError;
                return false;
            }

            slot = page + (at & 0xfff);
            entry = pae ? Volatile.Read(ref *(ulong*)slot) : Volatile.Read(ref *(uint*)slot);
            if ((entry & PresentBit) == 0)
            {
                error = baseError;
                return false;
            }

            bool pointerOnly = !longMode && pae && level == 3;
            if (pae && (entry & reservedHigh) != 0)
            {
                error = baseError | ErrorPresent | ErrorReserved;
                return false;
            }

            if (!pointerOnly)
            {
                writable &= (entry & WritableBit) != 0;
                userPage &= (entry & UserBit) != 0;
                execute &= !(pae && noExecute && (entry & NoExecuteBit) != 0);
            }

            bool large = level > 1 && !pointerOnly && (entry & LargeBit) != 0 && (pae || (c->Cr4 & Bits.Cr4PageSizeExtensions) != 0);
            bool misplaced = large && (pae
                ? (entry & ((1UL << shift) - 1) & ~0x1fffUL) != 0
                : (entry & (1 << 21)) != 0 || ((entry >> 13) & 0xff) >> Math.Clamp(memory.PhysicalAddressBits - 32, 0, 8) != 0);
            if ((large && level > 3) || misplaced)
            {
                error = baseError | ErrorPresent | ErrorReserved;
                return false;
            }

            if (level == 1 || large)
                break;
            if (!probe && !pointerOnly && (entry & AccessedBit) == 0)
                SetBits(slot, pae, AccessedBit);
            table = entry & (pae ? 0x000f_ffff_ffff_f000UL : 0xffff_f000UL);
            level--;
        }

        if (!probe)
        {
            bool allowed = user
                ? userPage && (!write || writable)
                : (!write || writable || (c->Cr0 & Bits.Cr0WriteProtect) == 0)
                    && !(userPage && fetch && (c->Cr4 & Bits.Cr4Smep) != 0)
                    && !(userPage && !fetch && (c->Cr4 & Bits.Cr4Smap) != 0 && (access & PageAccess.UserPagesAllowed) == 0);
            if (!allowed || (fetch && !execute))
            {
                error = baseError | ErrorPresent;
                return false;
            }

            ulong wanted = AccessedBit | (write ? DirtyBit : 0UL);
            if ((entry & wanted) != wanted)
            {
                SetBits(slot, pae, wanted);
                entry |= wanted;
            }
        }

        ulong offsetMask = (1UL << shift) - 1;
        ulong frame = pae ? entry & 0x000f_ffff_ffff_f000UL : entry & 0xffff_f000;
        if (!pae && level == 2)
            frame = (entry & 0xffc0_0000UL) | ((entry & 0x1f_e000UL) << 19); // PSE-36: bits 39-32 of the address sit in bits 20-13
        result = new Translation
        {
            Physical = (frame & ~offsetMask) | (linear & offsetMask),
            Writable = user ? writable : writable || (c->Cr0 & Bits.Cr0WriteProtect) == 0,
            Dirty = (entry & DirtyBit) != 0,
            Global = (entry & GlobalPageBit) != 0 && (c->Cr4 & Bits.Cr4PageGlobal) != 0,
            PageShift = shift,
        };
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetBits(void* slot, bool wide, ulong bits)
    {
        if (wide)
            Interlocked.Or(ref *(ulong*)slot, bits);
        else
            Interlocked.Or(ref *(uint*)slot, (uint)bits);
    }
}
