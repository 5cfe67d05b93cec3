namespace Hospes.Engines.Tests.Machines;

/// <summary>Builds page tables in guest memory: two-level, PAE or four-level.</summary>
internal sealed class PageTables
{
    internal const ulong Present = 1;
    internal const ulong Writable = 2;
    internal const ulong User = 4;
    internal const ulong Accessed = 0x20;
    internal const ulong Dirty = 0x40;
    internal const ulong Large = 0x80;
    internal const ulong Global = 0x100;
    internal const ulong NoExecute = 1UL << 63;

    private readonly GuestRam _ram;
    private ulong _next;

    internal PageTables(GuestRam ram, int levels, ulong at = 0x10_0000)
    {
        _ram = ram;
        Levels = levels;
        Root = at;
        _next = at + 4096;
    }

    internal int Levels { get; }

    internal ulong Root { get; }

    private bool IsWide => Levels > 2;

    private int IndexBits => IsWide ? 9 : 10;

    /// <summary>Maps one page. <paramref name="level"/> 1 is 4 KiB, 2 is 2 or 4 MiB, 3 is 1 GiB. Intermediate entries allow everything.</summary>
    internal void Map(ulong linear, ulong physical, ulong flags = Present | Writable, int level = 1)
        => Write(Entry(linear, level), physical | flags | (level > 1 ? Large : 0));

    /// <summary>Maps a run of 4 KiB pages onto themselves.</summary>
    internal void Identity(ulong start, ulong end, ulong flags = Present | Writable)
    {
        for (ulong page = start; page < end; page += 4096)
            Map(page, page, flags);
    }

    /// <summary>Where the entry of a level for a linear address is, making tables on the way.</summary>
    internal ulong Entry(ulong linear, int level)
    {
        ulong table = Root;
        for (int at = Levels; ; at--)
        {
            ulong index = (linear >> (12 + ((at - 1) * IndexBits))) & ((1UL << IndexBits) - 1);
            if (Levels == 3 && at == 3)
                index &= 3;
            ulong entry = table + (index * (IsWide ? 8u : 4u));
            if (at == level)
                return entry;
            if ((Read(entry) & Present) == 0)
            {
                Write(entry, _next | Present | (Levels == 3 && at == 3 ? 0 : Writable | User));
                _next += 4096;
            }

            table = Read(entry) & 0x000f_ffff_ffff_f000;
        }
    }

    internal ulong Read(ulong entry) => IsWide ? _ram.Read<ulong>(entry) : _ram.Read<uint>(entry);

    internal void Write(ulong entry, ulong value)
    {
        if (IsWide)
            _ram.Write(entry, value);
        else
            _ram.Write(entry, (uint)value);
    }
}
