using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.Memory;

namespace Hospes.Engines.Translator.Native;

/// <summary>How emitted code looks into the TLB: the layout of <see cref="TlbEntry"/>, and the code that finds an entry.</summary>
internal static unsafe class TlbCode
{
    /// <summary>Where an entry has host minus linear address.</summary>
    internal const int AddendPlace = 16;

    /// <summary>Where an entry has the page's host address.</summary>
    internal const int PagePlace = 24;

    /// <summary>Log2 of an entry's bytes.</summary>
    internal const int EntryShift = 5;

    /// <summary>Where an entry has the page for which a right holds.</summary>
    internal static int TagPlace(bool writes) => writes ? 8 : 0;

    /// <summary>Where a recent page's copy is, relative to the TLB.</summary>
    internal static int RecentPlace(RecentPage recent) => (int)recent * sizeof(TlbEntry);

    /// <summary>Compares the address register with a number.</summary>
    internal static void EmitCompareAddress(Emitter e, int value)
    {
        e.Bytes([0x49, 0x81, 0xfe]); // cmp r14
        e.Int32(value);
    }

    /// <summary>Zero flag: the address register is a multiple of 16.</summary>
    internal static void EmitTestAlignment(Emitter e) => e.Bytes([0x41, 0xf6, 0xc6, 15]); // test r14b, 15

    /// <summary>
    /// Takes a linear address in the address register. Leaves the place of its entry in the scratch register and, in the address register, the place in the
    /// page, or if the entry has another page or not the right more than that. Changes flags.
    /// </summary>
    internal static void EmitFindEntry(Emitter e, bool writes)
    {
        if (Bmi2.X64.IsSupported)
        {
            e.Bytes([0xc4, 0x43, 0xfb, 0xf0, 0xfe, 12 - EntryShift]); // rorx r15, r14
        }
        else
        {
            e.Move(HostRegisters.Scratch, HostRegisters.Address);
            e.Bytes([0x49, 0xc1, 0xef, 12 - EntryShift]); // shr r15
        }

        e.Bytes([0x41, 0x81, 0xe7]); // and r15d
        e.Int32((TlbEntry.Count - 1) << EntryShift);
        e.RegisterMemoryIndexed(0x33, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, TagPlace(writes)); // xor
    }
}
