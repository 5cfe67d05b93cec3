using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// Linear memory as one CPU sees it: direct-mapped TLBs (supervisor, supervisor under EFLAGS.AC, one for users in each address space), page walks on a
/// miss, device space, accesses across pages. A failed access records its page fault in the context and answers false.
/// </summary>
internal sealed unsafe class CpuMemory
{
    internal const int SupervisorTlb = 0;
    internal const int OverrideTlb = 1;
    internal const int FirstUserTlb = 2;
    internal const int Tlbs = FirstUserTlb + AddressSpaces.Count;

    private readonly CpuContext* _c;
    private readonly IGuestMemory _memory;
    private readonly IGuestCpuHost _host;
    private readonly CodePages _code;
    private readonly Action<ulong> _noteWriteLater;

    private readonly TranslationCache _tlbs;

    /// <param name="context">The CPU's state.</param>
    /// <param name="memory">Guest-physical memory.</param>
    /// <param name="host">Device space.</param>
    /// <param name="code">The machine's frames with code.</param>
    /// <param name="noteWriteLater">Has a write to a frame with code noted once the instruction is done.</param>
    internal CpuMemory(CpuContext* context, IGuestMemory memory, IGuestCpuHost host, CodePages code, Action<ulong> noteWriteLater)
    {
        _noteWriteLater = noteWriteLater;
        _c = context;
        _memory = memory;
        _host = host;
        _code = code;
        Breakpoints = new Breakpoints(context);
        for (int place = 0; place < _fetched.Length; place++)
            _fetched[place] = new FetchedPages();
        _tlbs = new TranslationCache(context, code);
        FlushAll();
    }

    /// <summary>Translations done by walking, for statistics.</summary>
    internal ulong Walks { get; private set; }

    /// <summary>
    /// Numbers that stand for what is known about executable mappings: [0] lower half of the current address space, [1] upper half. No number comes again.
    /// </summary>
    internal ulong[] CodeEpochs { get; } = [1, 1];

    internal IGuestMemory Guest => _memory;

    /// <summary>The CPU's hardware breakpoints.</summary>
    internal Breakpoints Breakpoints { get; }

    /// <summary>Chooses the TLB after the privilege level, CR4.SMAP or EFLAGS.AC changed.</summary>
    internal void SelectTlb()
    {
        int index = _c->Cpl == 3 ? FirstUserTlb + _spaces.Current
            : (_c->Cr4 & Bits.Cr4Smap) == 0 || (_c->SystemFlags & Bits.AlignmentCheck) == 0 ? SupervisorTlb
            : OverrideTlb;
        _c->Tlb = _tlbs.First(index);
    }

    /// <summary>Forgets every translation.</summary>
    internal void FlushAll()
    {
        _tlbs.FlushAll();
        foreach (FetchedPages pages in _fetched)
            pages.Clear();
        _globalUserCode = false;
        _spaces.Reset();
        _spaces.Enter(SpaceNumber);
        ForgetCode();
        SelectTlb();
    }

    /// <summary>Forgets every translation that is not global, in all address spaces.</summary>
    internal void FlushNonGlobal()
    {
        for (int place = 0; place < _spaces.Used; place++)
            FlushPlace(place);
        FlushSupervisor();
        CodeEpochs[0] = _spaceEpochs[_spaces.Current];
    }

    /// <summary>After CR3 was loaded.</summary>
    /// <param name="keep">What is known of that address space is still right.</param>
    internal void EnterSpace(bool keep)
    {
        if (!_spaces.Enter(SpaceNumber) || !keep)
            FlushPlace(_spaces.Current);
        FlushSupervisor();
        CodeEpochs[0] = _spaceEpochs[_spaces.Current];
        SelectTlb();
    }

    /// <summary>Forgets an address space's translations that are not global: INVPCID.</summary>
    internal void FlushSpace(ulong number)
    {
        int place = _spaces.Find((int)number);
        if (place < 0)
            return;
        FlushPlace(place);
        if (place == _spaces.Current)
            FlushSupervisor();
        CodeEpochs[0] = _spaceEpochs[_spaces.Current];
    }

    /// <summary>Makes everything that is known about code stale, in all address spaces.</summary>
    internal void ForgetCode()
    {
        for (int place = 0; place < _spaceEpochs.Length; place++)
            _spaceEpochs[place] = ++_lastEpoch;
        CodeEpochs[0] = _spaceEpochs[_spaces.Current];
        CodeEpochs[1] = ++_lastEpoch;
    }

    private int SpaceNumber => (_c->Cr4 & Bits.Cr4ProcessContext) != 0 ? (int)(_c->Cr3 & 0xfff) : 0;

    private void FlushPlace(int place)
    {
        _tlbs.FlushNonGlobal(FirstUserTlb + place);
        _fetched[place].Clear();
        _spaceEpochs[place] = ++_lastEpoch;
    }

    // What supervisors know of the lower half is the current space's only.
    private void FlushSupervisor()
    {
        _tlbs.FlushSupervisor();
        if (_nonGlobalKernelCode)
        {
            CodeEpochs[1] = ++_lastEpoch;
            _nonGlobalKernelCode = false;
        }
    }

    private bool _nonGlobalKernelCode;

    // Code in the lower half that all address spaces have.
    private bool _globalUserCode;
    private ulong _lastEpoch = 1;
    private readonly AddressSpaces _spaces = new();
    private readonly ulong[] _spaceEpochs = new ulong[AddressSpaces.Count];

    // Of each space's lower half, and last of the upper half.
    private readonly FetchedPages[] _fetched = new FetchedPages[AddressSpaces.Count + 1];

    /// <summary>
    /// Makes the TLB ready for an access within one page. False, with nothing recorded: the access is none that the TLB serves, an instruction's
    /// handler has to do it.
    /// </summary>
    internal TlbFill Fill(ulong linear, int size, bool write)
    {
        if (!Operands.IsCanonical(linear) || (linear & 0xfff) + (ulong)size > 4096)
            return TlbFill.Unserved;
        if (Resolve(linear, CurrentAccess | (write ? PageAccess.Write : 0), out ulong physical) == null)
            return physical == ulong.MaxValue ? TlbFill.Fault : TlbFill.Unserved;
        TlbEntry* entry = _c->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        return (write ? entry->WriteTag : entry->ReadTag) == (linear & ~0xfffUL) ? TlbFill.Ready : TlbFill.Unserved;
    }

    /// <summary>Forgets one page, global or not: INVLPG.</summary>
    internal void FlushPage(ulong linear) => FlushPage(linear, _spaces.Current);

    /// <summary>Forgets one page of an address space: INVPCID.</summary>
    internal void FlushPageOf(ulong number, ulong linear)
    {
        int place = _spaces.Find((int)number);
        if (place >= 0)
            FlushPage(linear, place);
    }

    private void FlushPage(ulong linear, int place)
    {
        _tlbs.FlushPage(SupervisorTlb, linear, onlyGlobal: false);
        _tlbs.FlushPage(OverrideTlb, linear, onlyGlobal: false);
        for (int other = 0; other < _spaces.Used; other++)
            _tlbs.FlushPage(FirstUserTlb + other, linear, onlyGlobal: other != place);

        bool upper = linear >> 63 != 0;
        if (!upper && _globalUserCode)
            ForgetCode();
        FetchedPages fetched = _fetched[upper ? AddressSpaces.Count : place];
        if (!fetched.Contains(linear))
            return; // no code was found there: what is known about code stays right
        fetched.Clear();
        if (upper)
            CodeEpochs[1] = ++_lastEpoch;
        else
            _spaceEpochs[place] = ++_lastEpoch;
        CodeEpochs[0] = _spaceEpochs[_spaces.Current];
    }

    /// <summary>Takes the right to write straight to a guest frame away, because code was decoded from it.</summary>
    internal void ProtectFrame(ulong frame) => _tlbs.ProtectFrame(frame);

    /// <summary>Whether this CPU may write straight to a frame. From any thread.</summary>
    internal bool MayWrite(ulong frame) => _tlbs.MayWrite(frame);

    /// <summary>Reads at the current privilege level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Read<T>(ulong linear, out T value)
        where T : unmanaged
    {
        TlbEntry* entry = _c->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + (ulong)sizeof(T) - 1) & ~0xfffUL) == entry->ReadTag)
        {
            value = Unsafe.ReadUnaligned<T>((byte*)linear + entry->Addend);
            return true;
        }

        Unsafe.SkipInit(out value);
        return ReadSlow(linear, (byte*)Unsafe.AsPointer(ref value), sizeof(T), CurrentAccess);
    }

    /// <summary>Writes at the current privilege level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Write<T>(ulong linear, T value)
        where T : unmanaged
    {
        TlbEntry* entry = _c->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + (ulong)sizeof(T) - 1) & ~0xfffUL) == entry->WriteTag)
        {
            Unsafe.WriteUnaligned((byte*)linear + entry->Addend, value);
            return true;
        }

        return WriteSlow(linear, (byte*)&value, sizeof(T), CurrentAccess);
    }

    /// <summary>Reads as the processor itself does for descriptor tables, task state and interrupt stacks: supervisor, SMAP in force.</summary>
    internal bool ReadSystem<T>(ulong linear, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        return ReadSlow(linear, (byte*)Unsafe.AsPointer(ref value), sizeof(T), PageAccess.Read);
    }

    /// <summary>Writes to the stack of the privilege level that an event goes to.</summary>
    internal bool WriteStack<T>(ulong linear, T value, int privilege)
        where T : unmanaged
        => WriteSlow(linear, (byte*)&value, sizeof(T), privilege == 3 ? PageAccess.User : PageAccess.Read);

    /// <summary>Writes as the processor itself does.</summary>
    internal bool WriteSystem<T>(ulong linear, T value)
        where T : unmanaged
        => WriteSlow(linear, (byte*)&value, sizeof(T), PageAccess.Read);

    /// <summary>
    /// The host address of <paramref name="size"/> bytes that the guest may read and write there, for atomic operations; null when they cross a page
    /// or lie in device space (<paramref name="faulted"/> false), or when the access faults (true).
    /// </summary>
    internal byte* Pin(ulong linear, int size, out bool faulted)
    {
        faulted = false;
        TlbEntry* entry = _c->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + (ulong)size - 1) & ~0xfffUL) == entry->WriteTag)
            return (byte*)linear + entry->Addend;
        if ((linear & 0xfff) + (ulong)size > 4096)
            return null;
        byte* host = Resolve(linear, CurrentAccess | PageAccess.Write, out ulong physical);
        if (host == null)
        {
            faulted = physical == ulong.MaxValue;
            return null;
        }

        NoteAccess(linear, size, write: true);

        // The write comes after this, and only what is noted after the write is sure to be seen by a CPU that decodes meanwhile.
        if (_code.Contains(physical >> 12))
            _noteWriteLater(physical >> 12);
        return host;
    }

    /// <summary>
    /// The host address of <paramref name="size"/> bytes of one page that the guest may read there; null when they cross a page or lie in device space
    /// (<paramref name="faulted"/> false), or when the access faults (true).
    /// </summary>
    internal byte* PinForRead(ulong linear, int size, out bool faulted)
    {
        faulted = false;
        TlbEntry* entry = _c->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + (ulong)size - 1) & ~0xfffUL) == entry->ReadTag)
            return (byte*)linear + entry->Addend;
        if ((linear & 0xfff) + (ulong)size > 4096)
            return null;
        byte* host = Resolve(linear, CurrentAccess, out ulong physical);
        faulted = host == null && physical == ulong.MaxValue;
        if (host != null)
            NoteAccess(linear, size, write: false);
        return host;
    }

    /// <summary>True when a read or write of this many bytes would fault; the fault is recorded. Nothing is transferred.</summary>
    internal bool WouldFault(ulong linear, int size, bool write)
    {
        PageAccess access = CurrentAccess | (write ? PageAccess.Write : 0);
        ulong last = linear + (ulong)size - 1;
        return (Resolve(linear, access, out ulong physical) == null && physical == ulong.MaxValue)
            || (((linear ^ last) >> 12) != 0 && Resolve(last & ~0xfffUL, access, out physical) == null && physical == ulong.MaxValue);
    }

    /// <summary>Translates an instruction fetch. False: the page fault is recorded.</summary>
    internal bool Fetch(ulong linear, out byte* host, out ulong physical)
    {
        PageAccess access = PageAccess.Fetch | (_c->Cpl == 3 ? PageAccess.User : 0);
        Walks++;
        host = null;
        if (!PageWalker.Walk(_c, _memory, linear, access, probe: false, out Translation translation, out uint error))
        {
            physical = 0;
            RecordPageFault(linear, error);
            return false;
        }

        _fetched[linear >> 63 != 0 ? AddressSpaces.Count : _spaces.Current].Add(linear);
        if (!translation.Global && linear >> 63 != 0)
            _nonGlobalKernelCode = true;
        if (translation.Global && linear >> 63 == 0)
            _globalUserCode = true;
        physical = translation.Physical;
        byte* page = _memory.FindFrame(new GuestFrame(physical >> 12));
        host = page == null ? null : page + (physical & 0xfff);
        return true;
    }

    internal PageAccess CurrentAccess => _c->Cpl == 3 ? PageAccess.User
        : (_c->SystemFlags & Bits.AlignmentCheck) != 0 ? PageAccess.UserPagesAllowed : PageAccess.Read;

    /// <summary>The part of <see cref="Read{T}"/> behind a TLB miss, of any length.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool ReadSlow(ulong linear, byte* destination, int size, PageAccess access)
    {
        NoteAccess(linear, size, write: false);
        while (size > 0)
        {
            int count = Math.Min(size, 4096 - (int)(linear & 0xfff));
            byte* host = Resolve(linear, access, out ulong physical);
            if (host != null)
            {
                Copy(destination, host, count);
            }
            else if (physical == ulong.MaxValue)
            {
                return false;
            }
            else
            {
                for (int done = 0; done < count;)
                {
                    int step = DeviceStep(physical + (ulong)done, count - done);
                    ulong value = _host.ReadDevice(new GuestPhysical(physical + (ulong)done), step);
                    new Span<byte>(&value, step).CopyTo(new Span<byte>(destination + done, step));
                    done += step;
                }
            }

            linear += (ulong)count;
            destination += count;
            size -= count;
        }

        return true;
    }

    /// <summary>The part of <see cref="Write{T}"/> behind a TLB miss. Both pages are checked before either is written.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool WriteSlow(ulong linear, byte* source, int size, PageAccess access)
    {
        NoteAccess(linear, size, write: true);
        access |= PageAccess.Write;
        int first = Math.Min(size, 4096 - (int)(linear & 0xfff));
        byte* secondHost = null;
        ulong secondPhysical = 0;
        if (first < size)
        {
            // The lower page faults first if both would.
            if (Resolve(linear, access, out ulong probe) == null && probe == ulong.MaxValue)
                return false;
            secondHost = Resolve(linear + (ulong)first, access, out secondPhysical);
            if (secondHost == null && secondPhysical == ulong.MaxValue)
                return false;
        }

        byte* host = Resolve(linear, access, out ulong physical);
        if (host == null && physical == ulong.MaxValue)
            return false;
        Store(host, physical, source, first);
        if (first < size)
            Store(secondHost, secondPhysical, source + first, size - first);
        return true;
    }

    /// <summary>
    /// Host address behind a linear address for an access, filling the TLB. Null with <paramref name="physical"/> of all ones: page fault, recorded.
    /// Null otherwise: device space at <paramref name="physical"/>.
    /// </summary>
    private byte* Resolve(ulong linear, PageAccess access, out ulong physical)
    {
        int tlb = (access & PageAccess.User) != 0 ? FirstUserTlb + _spaces.Current
            : (access & PageAccess.UserPagesAllowed) != 0 && (_c->Cr4 & Bits.Cr4Smap) != 0 ? OverrideTlb
            : SupervisorTlb;
        byte* known = _tlbs.Find(tlb, linear, (access & PageAccess.Write) != 0, out ulong frame);
        if (known != null)
        {
            physical = (frame << 12) | (linear & 0xfff);
            return known;
        }

        Walks++;
        if (!PageWalker.Walk(_c, _memory, linear, access, probe: false, out Translation translation, out uint error))
        {
            RecordPageFault(linear, error);
            physical = ulong.MaxValue;
            return null;
        }

        physical = translation.Physical;
        byte* page = _memory.FindFrame(new GuestFrame(physical >> 12));
        if (page == null)
            return null;
        if (!Breakpoints.HasData || !Breakpoints.Watches(linear))
            _tlbs.Add(tlb, linear, page, translation);
        return page + (physical & 0xfff);
    }

    // The debug exception comes when the instruction is done; one that faults has hit nothing.
    private void NoteAccess(ulong linear, int size, bool write)
    {
        if (Breakpoints.HasData && Breakpoints.Note(linear, size, write))
            Interlocked.Or(ref *_c->Poll, (uint)PollBits.Engine);
    }

    private static int DeviceStep(ulong physical, int remaining)
    {
        int step = 8;
        while (step > remaining || (physical & (ulong)(step - 1)) != 0)
            step >>= 1;
        return step;
    }

    private static void Copy(byte* destination, byte* source, int count)
    {
        // Naturally aligned scalars must be read whole: another CPU may be writing them.
        switch (count)
        {
            case 1: *destination = *source; break;
            case 2: *(ushort*)destination = Unsafe.ReadUnaligned<ushort>(source); break;
            case 4: *(uint*)destination = Unsafe.ReadUnaligned<uint>(source); break;
            case 8: *(ulong*)destination = Unsafe.ReadUnaligned<ulong>(source); break;
            default: Buffer.MemoryCopy(source, destination, count, count); break;
        }
    }

    private void Store(byte* host, ulong physical, byte* source, int count)
    {
        if (host != null)
        {
            Copy(host, source, count);
            NoteWrite(physical);
            return;
        }

        for (int done = 0; done < count;)
        {
            int step = DeviceStep(physical + (ulong)done, count - done);
            ulong value = 0;
            new Span<byte>(source + done, step).CopyTo(new Span<byte>(&value, step));
            _host.WriteDevice(new GuestPhysical(physical + (ulong)done), step, value);
            done += step;
        }
    }

    private void NoteWrite(ulong physical)
    {
        // The write comes before the question; a CPU that decodes adds the frame and then reads.
        if (_code.IsShared)
            Interlocked.MemoryBarrier();
        if (_code.Contains(physical >> 12))
            _code.Written(physical >> 12);
    }

    private void RecordPageFault(ulong linear, uint error)
    {
        _c->FaultVector = Vectors.PageFault;
        _c->FaultHasError = true;
        _c->FaultError = error;
        _c->Cr2 = linear;
    }
}
