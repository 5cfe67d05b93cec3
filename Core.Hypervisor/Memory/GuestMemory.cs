using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Memory;

/// <summary>
/// A domain's memory: one anonymous memory file, and the map from guest frames to places in it (Xen: the p2m). RAM starts at frame 0, leaves out
/// the device hole below 4 GiB and goes on above; shared pages (shared info, grant table, rings) are host frames without RAM behind them that the
/// builder or the guest itself maps where it likes.
/// </summary>
/// <remarks>
/// Reads of the map take no lock; changes are serialised by one. The whole file stays mapped until <see cref="Dispose"/>, so a host address once
/// given out never faults before that.
/// </remarks>
public sealed unsafe class GuestMemory : IGuestMemory, IDisposable
{
    /// <summary>Bytes per frame.</summary>
    public const int FrameSize = 4096;

    /// <summary>First address of the device hole that ends at 4 GiB (fact sheet "Guest ABI", section 1.4).</summary>
    public const ulong HoleStart = 0xf000_0000;

    private const ulong HoleEnd = 0x1_0000_0000;
    private const int SharedFrames = 1024;
    private const int AddressBits = 40;
    private const int LeafBits = 9;
    private const int LeafSize = 1 << LeafBits;
    private const ulong LeafBytes = LeafSize * FrameSize;

    private readonly Lock _lock = new();
    private readonly byte* _base;
    private readonly nuint _length;
    private readonly int _fd;
    private readonly nint[]?[] _map;
    private readonly Stack<int> _returnedFrames = new();
    private readonly int _ramFrameCapacity;
    private int _nextRam;
    private int _nextShared;
    private int _ramFrames;
    private int _maximumFrames;
    private bool _disposed;

    /// <summary>Reserves a memory file and maps <paramref name="ramBytes"/> of it as RAM.</summary>
    /// <param name="ramBytes">RAM that the guest has at the start; a multiple of 4096.</param>
    /// <param name="maximumBytes">RAM that it may ever have; at least <paramref name="ramBytes"/>; a multiple of 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">An amount is no multiple of 4096, or more than guest addresses reach.</exception>
    /// <exception cref="IOException">The host has no room for the file.</exception>
    public GuestMemory(ulong ramBytes, ulong maximumBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ramBytes % FrameSize, 0UL);
        ArgumentOutOfRangeException.ThrowIfNotEqual(maximumBytes % FrameSize, 0UL);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumBytes, ramBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumBytes, (1UL << AddressBits) - (HoleEnd - HoleStart));
        _ramFrameCapacity = checked((int)(maximumBytes / FrameSize));
        _maximumFrames = _ramFrameCapacity;
        _length = ((nuint)_ramFrameCapacity + SharedFrames) * FrameSize;
        _fd = Libc.MemfdCreate("hospes-guest", Libc.MfdCloexec);
        if (_fd < 0)
            throw Libc.Failure("cannot make a memory file for the guest");
        if (Libc.Ftruncate(_fd, (long)_length) != 0)
            throw CloseAnd(Libc.Failure($"cannot size the guest's memory file to {_length} bytes"));
        void* mapped = Libc.Mmap(null, _length, Libc.ProtRead | Libc.ProtWrite, Libc.MapShared | Libc.MapNoReserve, _fd, 0);
        if (mapped == Libc.MapFailed)
            throw CloseAnd(Libc.Failure($"cannot map the guest's memory file of {_length} bytes"));
        _base = (byte*)mapped;

        // Guests put memory that they get later, and pages of ours, above their RAM as well as into the hole: as much room again is enough for both.
        ulong top = Math.Min(Math.Max(RamTop(maximumBytes), HoleEnd) + maximumBytes + HoleEnd, 1UL << AddressBits);
        _map = new nint[]?[(top + LeafBytes - 1) / LeafBytes];
        int initial = (int)(ramBytes / FrameSize);
        _nextRam = initial;
        for (int frame = 0; frame < initial; frame++)
            SetEntry(RamFrame(frame), (nint)AddressOf(new HostFrame(frame)));
        _ramFrames = initial;
    }

    /// <summary>
    /// The guest frames whose memory changed place; raised after the change, on the thread that made it and outside locks. The domain forwards it to its
    /// engine; when it returns no vCPU reaches the memory that was there.
    /// </summary>
    public event Action<GuestFrame, ulong>? MappingChanged;

    /// <inheritdoc/>
    public int PhysicalAddressBits => AddressBits;

    /// <summary>Frames of RAM the guest has now.</summary>
    public int RamFrames => Volatile.Read(ref _ramFrames);

    /// <summary>Frames of RAM the guest may have; lowered and raised within the file by mem-max.</summary>
    public int MaximumFrames
    {
        get => Volatile.Read(ref _maximumFrames);
        set => Volatile.Write(ref _maximumFrames, Math.Clamp(value, 0, _ramFrameCapacity));
    }

    /// <summary>RAM below the device hole in bytes, for a guest with <paramref name="ramBytes"/>.</summary>
    public static ulong LowRam(ulong ramBytes) => Math.Min(ramBytes, HoleStart);

    /// <summary>The address after the last byte of RAM of a guest with <paramref name="ramBytes"/>.</summary>
    public static ulong RamTop(ulong ramBytes) => ramBytes <= HoleStart ? ramBytes : ramBytes + (HoleEnd - HoleStart);

    /// <inheritdoc/>
    public byte* FindFrame(GuestFrame frame)
    {
        ulong leaf = frame.Number >> LeafBits;
        if (leaf >= (ulong)_map.Length)
            return null;
        nint[]? entries = Volatile.Read(ref _map[leaf]);
        return entries is null ? null : (byte*)Volatile.Read(ref entries[frame.Number & (LeafSize - 1)]);
    }

    /// <summary>The host address of a frame of the memory file.</summary>
    public byte* AddressOf(HostFrame frame) => _base + (nint)frame.Index * FrameSize;

    /// <summary>Takes a zeroed host frame that is not RAM, for a page shared with the hypervisor. Never given back.</summary>
    /// <exception cref="InvalidOperationException">More shared pages than any guest needs.</exception>
    public HostFrame AllocateShared()
    {
        lock (_lock)
        {
            if (_nextShared == SharedFrames)
                throw new InvalidOperationException($"a domain has at most {SharedFrames} shared pages");
            return new HostFrame(_ramFrameCapacity + _nextShared++);
        }
    }

    /// <summary>
    /// Shows a host frame from <see cref="AllocateShared"/> at a guest frame; RAM that was there is given back to the pool. False: no such guest frame.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The host frame is not a shared one: RAM stands behind one guest frame at most.</exception>
    public bool Map(GuestFrame at, HostFrame frame)
    {
        byte* before;
        lock (_lock)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(frame.Index, _ramFrameCapacity);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame.Index, _ramFrameCapacity + _nextShared);
            if (at.Number >> LeafBits >= (ulong)_map.Length)
                return false;
            before = FindFrame(at);
            SetEntry(at, (nint)AddressOf(frame));
        }

        MappingChanged?.Invoke(at, 1);
        ReleaseRam(before);
        return true;
    }

    /// <summary>Takes whatever a guest frame shows away. False: nothing was there.</summary>
    public bool Remove(GuestFrame at)
    {
        byte* before;
        lock (_lock)
        {
            before = FindFrame(at);
            if (before == null)
                return false;
            SetEntry(at, 0);
        }

        MappingChanged?.Invoke(at, 1);
        ReleaseRam(before);
        return true;
    }

    /// <summary>Puts zeroed RAM behind an empty guest frame. False: out of range, occupied, or the guest has all it may have.</summary>
    public bool Populate(GuestFrame at)
    {
        lock (_lock)
        {
            if (at.Number >> LeafBits >= (ulong)_map.Length || FindFrame(at) != null || _ramFrames >= _maximumFrames
                || TakeRam() is not { } frame)
                return false;
            SetEntry(at, (nint)AddressOf(new HostFrame(frame)));
            _ramFrames++;
        }

        MappingChanged?.Invoke(at, 1);
        return true;
    }

    /// <summary>
    /// The upper half of a new guest's RAM, for a builder to work in; what it wrote there is gone, and back with the host, when the loan is disposed.
    /// Null when that is too little to be of use.
    /// </summary>
    internal BorrowedRam? BorrowUpperHalf()
    {
        int start = _ramFrames / 2;
        ulong length = (ulong)(_ramFrames - start) * FrameSize;
        return length < BorrowedRam.Least ? null : new BorrowedRam(AddressOf(new HostFrame(start)), length, () => Discard(start, (long)length));
    }

    /// <summary>Copies guest memory out. False, and an unspecified part copied, when a byte of the range has no memory.</summary>
    public bool TryRead(GuestPhysical from, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            byte* page = FindFrame(from.Frame);
            if (page == null)
                return false;
            int count = Math.Min(destination.Length, FrameSize - from.OffsetInFrame);
            new ReadOnlySpan<byte>(page + from.OffsetInFrame, count).CopyTo(destination);
            destination = destination[count..];
            from = new GuestPhysical(from.Address + (ulong)count);
        }

        return true;
    }

    /// <summary>Copies into guest memory. False, and an unspecified part copied, when a byte of the range has no memory. The caller tells the engine.</summary>
    public bool TryWrite(GuestPhysical to, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            byte* page = FindFrame(to.Frame);
            if (page == null)
                return false;
            int count = Math.Min(source.Length, FrameSize - to.OffsetInFrame);
            source[..count].CopyTo(new Span<byte>(page + to.OffsetInFrame, count));
            source = source[count..];
            to = new GuestPhysical(to.Address + (ulong)count);
        }

        return true;
    }

    /// <summary>Whether there is memory behind a guest frame.</summary>
    internal bool HasFrame(GuestFrame frame) => FindFrame(frame) != null;

    /// <summary>The first frame from <paramref name="from"/> on that has memory behind it, or null.</summary>
    internal GuestFrame? NextFrame(GuestFrame from)
    {
        for (ulong number = from.Number; number >> LeafBits < (ulong)_map.Length;)
        {
            if (Volatile.Read(ref _map[number >> LeafBits]) is null)
                number = ((number >> LeafBits) + 1) << LeafBits;
            else if (HasFrame(new GuestFrame(number)))
                return new GuestFrame(number);
            else
                number++;
        }

        return null;
    }

    /// <summary>Copies a frame by way of the memory file: a frame that nobody has touched is zeroes and stays untouched. False: it has no memory.</summary>
    internal bool TryCopyFrame(GuestFrame frame, Span<byte> destination)
    {
        byte* page = FindFrame(frame);
        if (page == null)
            return false;
        fixed (byte* to = destination[..FrameSize]) // pinned for the time of the call
            return Libc.Pread(_fd, to, FrameSize, page - _base) == FrameSize;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;

        // Whoever comes late finds no memory instead of addresses that are not mapped any more.
        Array.Clear(_map);
        Libc.Munmap(_base, _length);
        Libc.Close(_fd);
    }

    private static GuestFrame RamFrame(int index)
    {
        ulong address = (ulong)index * FrameSize;
        return new GuestFrame((address < HoleStart ? address : address + (HoleEnd - HoleStart)) / FrameSize);
    }

    private int? TakeRam()
    {
        if (_returnedFrames.TryPop(out int frame))
            return frame;
        return _nextRam < _ramFrameCapacity ? _nextRam++ : null;
    }

    // For a page that no guest frame shows any more and whose translations every vCPU has forgotten: nobody writes to it after it was zeroed.
    private void ReleaseRam(byte* page)
    {
        if (page == null)
            return;
        int index = (int)((page - _base) / FrameSize);
        if (index >= _ramFrameCapacity)
            return;
        lock (_lock)
        {
            Discard(index, FrameSize);
            _returnedFrames.Push(index);
            _ramFrames--;
        }
    }

    // Punching the hole returns the memory to the host and makes the next user of it see zeroes.
    private void Discard(int index, long length)
    {
        if (Libc.Fallocate(_fd, Libc.FallocPunchHole | Libc.FallocKeepSize, (long)index * FrameSize, length) != 0)
            NativeMemory.Clear(AddressOf(new HostFrame(index)), (nuint)length);
    }

    private void SetEntry(GuestFrame at, nint value)
    {
        ref nint[]? leaf = ref _map[at.Number >> LeafBits];
        leaf ??= new nint[LeafSize];
        Volatile.Write(ref leaf[at.Number & (LeafSize - 1)], value);
    }

    private IOException CloseAnd(IOException failure)
    {
        Libc.Close(_fd);
        return failure;
    }
}
