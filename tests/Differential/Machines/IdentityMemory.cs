using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Differential.Machines;

/// <summary>Guest memory that is the host's: the guest-physical address of a byte of the region is its host address.</summary>
internal sealed unsafe class IdentityMemory(TestRegion region) : IGuestMemory
{
    /// <inheritdoc/>
    public int PhysicalAddressBits => 40;

    /// <inheritdoc/>
    public byte* FindFrame(GuestFrame frame) => region.Contains(frame.Start.Address) ? (byte*)frame.Start.Address : null;

    /// <summary>Fills four-level page tables that show the accessible pages at their own addresses, to user code, and answers their root.</summary>
    internal ulong BuildPageTables()
    {
        const ulong pointer = 7; // present, writable, user
        ulong top = (ulong)region.PageTables;
        ulong next = top + 4096;
        new Span<byte>(region.PageTables, 0x20000).Clear();
        for (ulong page = region.Start; region.Contains(page); page += 4096)
        {
            if (!region.IsReadable(page))
                continue;
            ulong table = top;
            for (int shift = 39; shift > 12; shift -= 9)
            {
                ulong* entry = (ulong*)table + ((page >> shift) & 511);
                if (*entry == 0)
                {
                    *entry = next | pointer;
                    next += 4096;
                }

                table = *entry & ~0xfffUL;
            }

            ((ulong*)table)[(page >> 12) & 511] = page | (region.IsWritable(page) ? pointer : 5UL);
        }

        return top;
    }
}
