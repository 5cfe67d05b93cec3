using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Grants;

/// <summary>
/// A domain's version-1 grant table (fact sheet "Guest ABI", section 7), and the mapping of granted pages for this process's back-ends.
/// Entry, 8 bytes: u16 flags, u16 domid, u32 frame. Flags: type in bits 0-1 (1 permit access), 4 read-only, 8 reading, 16 writing.
/// </summary>
/// <remarks>
/// The guest may end a grant at any moment by a compare-exchange that expects no use bits, so use bits are set by compare-exchange of flags and domid
/// together. Each reference has an activity word of the hypervisor's own, whose top bit is a lock held for a few instructions: bits 0-14 count mappings
/// for reading, 15-29 those for writing. The table's pages never move; growing adds pages under <see cref="_growth"/>.
/// </remarks>
public sealed unsafe class GrantTable
{
    /// <summary>Entries in one page of the table.</summary>
    internal const int EntriesPerFrame = 512;

    /// <summary>Pages a table can have.</summary>
    internal const int MaximumFrames = 64;

    private const uint TypeMask = 3;
    private const uint PermitAccess = 1;
    private const uint ReadOnly = 4;
    private const uint Reading = 8;
    private const uint Writing = 16;

    private const int Locked = int.MinValue;
    private const int OneReader = 1;
    private const int OneWriter = 1 << 15;
    private const int CountLimit = (1 << 15) - 1;

    private readonly Lock _growth = new();
    private readonly GuestMemory _memory;
    private readonly nint[] _pages = new nint[MaximumFrames];
    private readonly HostFrame[] _hostFrames = new HostFrame[MaximumFrames];
    private readonly int[]?[] _activity = new int[]?[MaximumFrames];
    private readonly GuestFrame?[] _shownAt = new GuestFrame?[MaximumFrames];
    private int _frames;

    internal GrantTable(GuestMemory memory)
    {
        _memory = memory;
        Grow(1);
    }

    /// <summary>Pages the table has now.</summary>
    internal int Frames => Volatile.Read(ref _frames);

    /// <summary>Maps a page that the guest has granted to domain 0. Any thread; takes no lock but the reference's own.</summary>
    /// <param name="reference">The grant.</param>
    /// <param name="write">The back-end will write.</param>
    /// <param name="page">The page, to be given back by <see cref="Unmap"/>.</param>
    public GrantStatus Map(GrantReference reference, bool write, out GrantPage page) => Map(reference.Value, write, 0, out page);

    /// <summary>Ends one mapping made with the same arguments.</summary>
    public void Unmap(GrantReference reference, bool write)
    {
        ref uint entry = ref Entry(reference.Value);
        ref int activity = ref Activity(reference.Value);
        int counts = LockActivity(ref activity) - (write ? OneWriter : OneReader);
        uint clear = 0;
        if (counts >> 15 == 0)
            clear |= Writing;
        if (counts == 0)
            clear |= Reading;
        if (clear != 0)
            Interlocked.And(ref entry, ~clear);
        Volatile.Write(ref activity, counts);
    }

    /// <summary>Fills one of the reserved entries as the builder of a domain does: domain 0 may use the frame.</summary>
    internal void Offer(GrantReference reference, GuestFrame frame)
    {
        ref uint entry = ref Entry(reference.Value);
        Unsafe.Add(ref entry, 1) = (uint)frame.Number;
        Volatile.Write(ref entry, PermitAccess);
    }

    /// <summary>Whether a back-end has the entry's page mapped, as the guest sees it.</summary>
    internal bool InUse(GrantReference reference) => (Volatile.Read(ref Entry(reference.Value)) & (Reading | Writing)) != 0;

    /// <summary>The entry permits reading alone from now on.</summary>
    internal void MakeReadOnly(GrantReference reference) => Interlocked.Or(ref Entry(reference.Value), ReadOnly);

    /// <summary>Maps for any domain the entry names.</summary>
    internal GrantStatus Map(uint reference, bool write, ushort user, out GrantPage page)
    {
        page = default;
        if (reference >= (uint)Frames * EntriesPerFrame)
            return GrantStatus.BadReference;
        ref uint entry = ref Entry(reference);
        ref int activity = ref Activity(reference);
        int counts = LockActivity(ref activity);
        GrantStatus status = GrantStatus.GeneralError;
        bool room = (write ? counts >> 15 : counts & CountLimit) < CountLimit - 1;
        if (room && TryMark(ref entry, write, user))
        {
            // Only now may the frame be read: with a use bit set the guest no longer changes it.
            GuestFrame frame = new(Volatile.Read(ref Unsafe.Add(ref entry, 1)));
            byte* address = _memory.FindFrame(frame);
            if (address != null)
            {
                page = new GrantPage((nint)address, frame);
                counts += write ? OneWriter : OneReader;
                status = GrantStatus.Okay;
            }
            else
            {
                if (counts == 0)
                    Interlocked.And(ref entry, ~(Reading | Writing));
                else if (counts >> 15 == 0)
                    Interlocked.And(ref entry, ~Writing);
                status = GrantStatus.BadPage;
            }
        }

        Volatile.Write(ref activity, counts);
        return status;
    }

    /// <summary>Makes the table at least this many pages long. False: it would exceed its limit.</summary>
    internal bool Grow(int frames)
    {
        if (frames > MaximumFrames)
            return false;
        lock (_growth)
        {
            for (int frame = _frames; frame < frames; frame++)
            {
                _hostFrames[frame] = _memory.AllocateShared();
                _pages[frame] = (nint)_memory.AddressOf(_hostFrames[frame]);
                _activity[frame] = new int[EntriesPerFrame];
                Volatile.Write(ref _frames, frame + 1);
            }
        }

        return true;
    }

    /// <summary>Shows a page of the table at a guest frame, and no longer where it was. False: no such guest frame.</summary>
    internal bool ShowAt(int frame, GuestFrame at)
    {
        lock (_growth)
        {
            if (!_memory.Map(at, _hostFrames[frame]))
                return false;
            if (_shownAt[frame] is { } old && old != at && _memory.FindFrame(old) == (byte*)_pages[frame])
                _memory.Remove(old);
            _shownAt[frame] = at;
            return true;
        }
    }

    /// <summary>Where the guest sees a page of the table, or null.</summary>
    internal GuestFrame? ShownAt(int frame)
    {
        lock (_growth)
            return _shownAt[frame];
    }

    private static bool TryMark(ref uint entry, bool write, ushort user)
    {
        // flags in the low half, domid in the high half of one little-endian word
        uint seen = Volatile.Read(ref entry);
        while (true)
        {
            if ((seen & TypeMask) != PermitAccess || seen >> 16 != user || (write && (seen & ReadOnly) != 0))
                return false;
            uint found = Interlocked.CompareExchange(ref entry, seen | Reading | (write ? Writing : 0), seen);
            if (found == seen)
                return true;
            seen = found;
        }
    }

    private static int LockActivity(ref int activity)
    {
        SpinWait spin = default;
        while (true)
        {
            int seen = Volatile.Read(ref activity);
            if (seen >= 0 && Interlocked.CompareExchange(ref activity, seen | Locked, seen) == seen)
                return seen;
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private ref uint Entry(uint reference) =>
        ref Unsafe.AsRef<uint>((byte*)_pages[reference / EntriesPerFrame] + (reference % EntriesPerFrame * 8));

    private ref int Activity(uint reference) => ref _activity[reference / EntriesPerFrame]![reference % EntriesPerFrame];
}
