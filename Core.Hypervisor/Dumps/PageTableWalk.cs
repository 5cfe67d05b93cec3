using System.Buffers.Binary;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Dumps;

/// <summary>
/// What a vCPU's page tables map, so that a debugger finds things at the guest's own addresses (Intel SDM volume 3, 4.5: four and five levels; other
/// kinds of paging map nothing here). The tables are the guest's: what they may cost, in tables looked at and ranges found, is limited.
/// </summary>
internal sealed class PageTableWalk
{
    private const int Entries = 512;
    private const ulong AddressMask = 0x000f_ffff_ffff_f000;
    private const ulong PagingEnabled = 1UL << 31;
    private const ulong FiveLevels = 1UL << 12;
    private const ulong LongModeActive = 1UL << 10;
    private const uint EferMsr = 0xc000_0080;
    private const int MostTables = 1 << 16;

    private readonly GuestMemory _memory;
    private readonly int _mostRanges;
    private readonly List<MappedRange> _ranges = [];
    private int _tables;

    private PageTableWalk(GuestMemory memory, int mostRanges)
    {
        _memory = memory;
        _mostRanges = mostRanges;
    }

    /// <summary>The ranges, the kernel's half before the other.</summary>
    public static List<MappedRange> Read(GuestMemory memory, CpuState cpu, int mostRanges)
    {
        PageTableWalk walk = new(memory, mostRanges);
        bool isLong = (cpu.Cr0 & PagingEnabled) != 0 && (cpu.Msrs.GetValueOrDefault(EferMsr) & LongModeActive) != 0;
        if (!isLong)
            return [];
        int levels = (cpu.Cr4 & FiveLevels) != 0 ? 5 : 4;
        ulong top = cpu.Cr3 & AddressMask;
        walk.Table(top, levels, 0, Entries / 2, Entries);
        walk.Table(top, levels, 0, 0, Entries / 2);
        return walk._ranges;
    }

    private void Table(ulong address, int level, ulong prefix, int from, int to)
    {
        Span<byte> table = stackalloc byte[Entries * sizeof(ulong)];
        if (++_tables > MostTables || !_memory.TryRead(new GuestPhysical(address), table))
            return;
        int shift = 12 + (9 * (level - 1));
        for (int index = from; index < to; index++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(table[(index * sizeof(ulong))..]);
            if ((entry & 1) == 0)
                continue;
            ulong at = prefix | ((ulong)index << shift);

            // The topmost bit of the index is repeated upwards: addresses are canonical.
            if (prefix == 0 && index >= Entries / 2 && level >= 4)
                at |= ~0UL << (shift + 9);
            bool isPage = level == 1 || (level <= 3 && (entry & 0x80) != 0);
            if (isPage)
                Add(at, entry & AddressMask & (~0UL << shift), 1UL << shift);
            else
                Table(entry & AddressMask, level - 1, at, 0, Entries);
        }
    }

    private void Add(ulong at, ulong physical, ulong length)
    {
        if (_ranges.Count > 0 && _ranges[^1] is var last && last.Virtual + last.Length == at && last.Physical + last.Length == physical)
            _ranges[^1] = last with { Length = last.Length + length };
        else if (_ranges.Count < _mostRanges)
            _ranges.Add(new MappedRange(at, physical, length));
    }
}
