using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// One CPU's TLBs, one for each kind of access (see <see cref="CpuMemory"/>), in native memory that emitted code knows. Each has two levels: a small
/// direct-mapped one that is asked in line, and behind it one of four ways, which has all that the first has. Rights are taken from the second; what the
/// first (or a <see cref="RecentPage"/>) has copied of them goes with them.
/// </summary>
internal sealed unsafe class TranslationCache
{
    private const int Entries = TlbEntry.SecondCount * CpuMemory.Tlbs;
    private const ulong GlobalBit = 1UL << 63;

    private readonly CpuContext* _c;
    private readonly CodePages _code;

    // Guest frame behind each entry of the second levels, and whether its translation is global.
    private readonly ulong[] _frames = new ulong[Entries];

    private readonly bool[] _isUsed = new bool[CpuMemory.Tlbs];

    // Entries of the supervisor's TLBs that are not global, as long as they are few.
    private readonly ushort[] _nonGlobals = new ushort[128];
    private int _nonGlobalCount;
    private int _nextWay;

    /// <param name="context">The CPU's state, with room for the TLBs.</param>
    /// <param name="code">The machine's frames with code.</param>
    internal TranslationCache(CpuContext* context, CodePages code)
    {
        _c = context;
        _code = code;

        // A page outside the canonical range, chosen by chance: no address that a guest has a use for compares equal with it.
        _c->NoPage = (1UL << 63) | ((ulong)Random.Shared.NextInt64(1L << 50) << 12);
        Array.Fill(_isUsed, true);
        FlushAll();
    }

    /// <summary>A TLB's first level.</summary>
    internal TlbEntry* First(int tlb) => _c->Tlbs + (tlb * TlbEntry.Stride);

    /// <summary>Host address behind a linear address, if the TLB has the right for it; else null.</summary>
    internal byte* Find(int tlb, ulong linear, bool write, out ulong frame)
    {
        ulong page = linear & ~0xfffUL;
        int index = FindIndex(tlb, page);
        if (index < 0 || (write && At(index)->WriteTag != page))
        {
            frame = 0;
            return null;
        }

        frame = _frames[index] & ~GlobalBit;
        *FirstOf(tlb, page) = *At(index);
        return (byte*)At(index)->Page + (linear & 0xfff);
    }

    /// <summary>Adds a translation.</summary>
    /// <param name="tlb">Where.</param>
    /// <param name="linear">An address in the linear page.</param>
    /// <param name="page">The page in the host's memory.</param>
    /// <param name="translation">What the walk found.</param>
    internal void Add(int tlb, ulong linear, byte* page, in Translation translation)
    {
        ulong tag = linear & ~0xfffUL;
        ulong frame = translation.Physical >> 12;
        int index = FindIndex(tlb, tag);
        if (index < 0)
            index = FirstWay(tlb, tag) + (_nextWay++ & (TlbEntry.Ways - 1));
        Invalidate(tlb, index);
        _isUsed[tlb] = true;

        // The write tag comes last, and is given up again when the frame has got code meanwhile: a CPU that adds the frame and then looks through
        // this TLB either finds the tag, or is seen here.
        TlbEntry* entry = At(index);
        entry->ReadTag = tag;
        entry->Addend = (nint)page - (nint)tag;
        entry->Page = (nint)page;
        Volatile.Write(ref _frames[index], frame | (translation.Global ? GlobalBit : 0));
        if (tlb < CpuMemory.FirstUserTlb && !translation.Global)
            NoteNonGlobal(index);
        if (translation.Writable && translation.Dirty && !_code.Contains(frame))
        {
            Volatile.Write(ref entry->WriteTag, tag);
            if (_code.IsShared)
            {
                Interlocked.MemoryBarrier();
                if (_code.Contains(frame))
                    entry->WriteTag = _c->NoPage;
            }
        }

        *FirstOf(tlb, tag) = *entry;
    }

    /// <summary>Forgets everything.</summary>
    internal void FlushAll()
    {
        for (int tlb = 0; tlb < CpuMemory.Tlbs; tlb++)
            Flush(tlb, globalToo: true);
        _nonGlobalCount = 0;
    }

    /// <summary>Forgets a TLB's translations that are not global.</summary>
    internal void FlushNonGlobal(int tlb) => Flush(tlb, globalToo: false);

    /// <summary>The same for both of the supervisor's.</summary>
    internal void FlushSupervisor()
    {
        if (_nonGlobalCount > _nonGlobals.Length)
        {
            for (int tlb = 0; tlb < CpuMemory.FirstUserTlb; tlb++)
                FlushNonGlobal(tlb);
        }
        else
        {
            foreach (int index in _nonGlobals.AsSpan(0, _nonGlobalCount))
            {
                if ((_frames[index] & GlobalBit) == 0)
                    Invalidate(index / TlbEntry.SecondCount, index);
            }
        }

        _nonGlobalCount = 0;
    }

    /// <summary>Forgets a page.</summary>
    /// <param name="tlb">Where.</param>
    /// <param name="linear">An address in it.</param>
    /// <param name="onlyGlobal">Keeps it if its translation is not global.</param>
    internal void FlushPage(int tlb, ulong linear, bool onlyGlobal)
    {
        int index = FindIndex(tlb, linear & ~0xfffUL);
        if (index >= 0 && (!onlyGlobal || (_frames[index] & GlobalBit) != 0))
            Invalidate(tlb, index);
    }

    /// <summary>Takes the right to write straight to a guest frame away.</summary>
    internal void ProtectFrame(ulong frame)
    {
        for (int index = NextOf(frame, 0); index >= 0; index = NextOf(frame, index + 1))
        {
            int tlb = index / TlbEntry.SecondCount;
            TlbEntry* entry = At(index);
            TlbEntry* first = FirstOf(tlb, entry->ReadTag);
            if (first->ReadTag == entry->ReadTag)
                first->WriteTag = _c->NoPage;
            ForgetRecentPages(tlb);
            entry->WriteTag = _c->NoPage;
        }
    }

    /// <summary>Whether the CPU may write straight to a frame. From any thread: see <see cref="Add"/> for why the answer can be relied on.</summary>
    internal bool MayWrite(ulong frame)
    {
        for (int index = NextOf(frame, 0); index >= 0; index = NextOf(frame, index + 1))
        {
            if (Volatile.Read(ref At(index)->WriteTag) != _c->NoPage)
                return true;
        }

        return false;
    }

    // The next entry that stands, or once stood, for a frame; negative: none.
    private int NextOf(ulong frame, int from)
    {
        int found = _frames.AsSpan(from).IndexOfAny(frame, frame | GlobalBit);
        return found < 0 ? found : found + from;
    }

    private TlbEntry* Second(int tlb) => First(tlb) + TlbEntry.Count;

    // An entry of a second level by its number among those of all.
    private TlbEntry* At(int index) => Second(index / TlbEntry.SecondCount) + (index % TlbEntry.SecondCount);

    private TlbEntry* FirstOf(int tlb, ulong page) => First(tlb) + ((page >> 12) & (TlbEntry.Count - 1));

    private static int FirstWay(int tlb, ulong page)
        => (tlb * TlbEntry.SecondCount) + (int)(((page >> 12) ^ (page >> (12 + TlbEntry.SetBits))) & ((1 << TlbEntry.SetBits) - 1)) * TlbEntry.Ways;

    private int FindIndex(int tlb, ulong page)
    {
        int index = FirstWay(tlb, page);
        for (int way = 0; way < TlbEntry.Ways; way++, index++)
        {
            if (At(index)->ReadTag == page)
                return index;
        }

        return -1;
    }

    // What was copied of an entry goes before the entry does.
    private void Invalidate(int tlb, int index)
    {
        TlbEntry* entry = At(index);
        if (entry->ReadTag == _c->NoPage)
            return;
        ForgetRecentPages(tlb);
        TlbEntry* first = FirstOf(tlb, entry->ReadTag);
        if (first->ReadTag == entry->ReadTag)
            first->ReadTag = first->WriteTag = _c->NoPage;
        entry->ReadTag = entry->WriteTag = _c->NoPage;
    }

    private void Flush(int tlb, bool globalToo)
    {
        if (!_isUsed[tlb])
            return;
        ForgetRecentPages(tlb);
        TlbEntry* first = First(tlb);
        for (int i = 0; i < TlbEntry.Count; i++)
            first[i].ReadTag = first[i].WriteTag = _c->NoPage;
        TlbEntry* second = Second(tlb);
        bool isUsed = false;
        for (int i = 0; i < TlbEntry.SecondCount; i++)
        {
            if (!globalToo && (_frames[(tlb * TlbEntry.SecondCount) + i] & GlobalBit) != 0)
                isUsed = true;
            else
                second[i].ReadTag = second[i].WriteTag = _c->NoPage;
        }

        _isUsed[tlb] = isUsed;
    }

    private void ForgetRecentPages(int tlb)
    {
        TlbEntry* first = First(tlb);
        for (int place = 1; place <= TlbEntry.RecentPages; place++)
            first[-place].ReadTag = first[-place].WriteTag = _c->NoPage;
    }

    private void NoteNonGlobal(int index)
    {
        if (_nonGlobalCount < _nonGlobals.Length)
            _nonGlobals[_nonGlobalCount] = (ushort)index;
        if (_nonGlobalCount <= _nonGlobals.Length)
            _nonGlobalCount++;
    }
}
