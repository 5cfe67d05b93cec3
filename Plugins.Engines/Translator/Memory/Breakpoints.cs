using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// The breakpoints of DR0 to DR3 that DR7 enables (Intel SDM volume 3, chapter 18). Pages with watched data never come into the TLB, so that every access
/// to them passes here; code with breakpoints is executed one instruction at a time.
/// </summary>
internal sealed unsafe class Breakpoints(CpuContext* context)
{
    private const int Count = 4;
    private const ulong Page = ~0xfffUL;

    private readonly (ulong First, ulong Last, Kind Kind)[] _data = new (ulong, ulong, Kind)[Count];
    private readonly ulong?[] _code = new ulong?[Count];

    private enum Kind
    {
        None,
        Writes,
        All,
    }

    /// <summary>Some instruction has one.</summary>
    internal bool HasCode { get; private set; }

    /// <summary>Some data has one.</summary>
    internal bool HasData { get; private set; }

    /// <summary>The data breakpoints that the instruction under way has hit, as bits of DR6.</summary>
    internal ulong Hits { get; set; }

    /// <summary>Reads the registers anew. True: what data is watched has changed, the TLB must forget.</summary>
    internal bool Update()
    {
        bool changed = false;
        HasCode = HasData = false;
        for (int number = 0; number < Count; number++)
        {
            ulong control = context->Debug[7];
            bool isEnabled = (control >> (2 * number) & 3) != 0;
            var (type, length) = ((int)(control >> (16 + (4 * number)) & 3), (int)(control >> (18 + (4 * number)) & 3));
            ulong size = length switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };
            ulong first = context->Debug[number] & ~(size - 1);
            Kind kind = !isEnabled ? Kind.None : type switch { 1 => Kind.Writes, 3 => Kind.All, _ => Kind.None };
            (ulong, ulong, Kind) data = kind == Kind.None ? default : (first, first + size - 1, kind);
            changed |= data != _data[number];
            _data[number] = data;
            _code[number] = isEnabled && type == 0 ? context->Debug[number] : null;
            HasCode |= _code[number] is not null;
            HasData |= kind != Kind.None;
        }

        return changed;
    }

    /// <summary>Data on the page of an address is watched.</summary>
    internal bool Watches(ulong linear)
    {
        foreach ((ulong first, _, Kind kind) in _data)
        {
            if (kind != Kind.None && ((first ^ linear) & Page) == 0)
                return true;
        }

        return false;
    }

    /// <summary>Notes an access. True: it hits.</summary>
    internal bool Note(ulong linear, int size, bool write)
    {
        ulong hits = 0;
        for (int number = 0; number < Count; number++)
        {
            (ulong first, ulong last, Kind kind) = _data[number];
            if ((kind == Kind.All || (kind == Kind.Writes && write)) && linear <= last && linear + (ulong)size - 1 >= first)
                hits |= 1UL << number;
        }

        Hits |= hits;
        return hits != 0;
    }

    /// <summary>The breakpoints on the instruction at an address, as bits of DR6.</summary>
    internal ulong At(ulong linear)
    {
        ulong hits = 0;
        for (int number = 0; number < Count; number++)
        {
            if (_code[number] == linear)
                hits |= 1UL << number;
        }

        return hits;
    }
}
