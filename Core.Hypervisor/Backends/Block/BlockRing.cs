using System.Numerics;
using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Memory;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// The shared ring of one queue (fact sheet "Storage", section 5.1): u32 req_prod @0, req_event @4, rsp_prod @8, rsp_event @12, entries from 64 on.
/// One thread uses it.
/// </summary>
/// <remarks>
/// The guest can write anything anywhere at any time: entries are copied out once, indices are read once, and an entry's place follows from our own
/// counters, so nothing leads outside the pages. Pages of a ring need not lie side by side here, so an entry may be copied in two parts.
/// </remarks>
internal sealed unsafe class BlockRing
{
    private const int Header = 64;

    private readonly MappedGrant[] _pages;
    private readonly int _entrySize;
    private readonly uint _mask;
    private uint _requestsTaken;
    private uint _answersPut;
    private uint _answersTold;

    internal BlockRing(MappedGrant[] pages, BlockLayout layout)
    {
        _pages = pages;
        _entrySize = layout.EntrySize;
        Size = (int)BitOperations.RoundUpToPowerOf2((uint)((pages.Length * GuestMemory.FrameSize - Header) / _entrySize) + 1) / 2;
        _mask = (uint)Size - 1;

        // A front-end that was connected before may have left its counts: both sides begin where the answers end (Linux: BACK_RING_ATTACH).
        _answersPut = _answersTold = Index(8);
        _requestsTaken = _answersPut;
    }

    /// <summary>Entries.</summary>
    internal int Size { get; }

    /// <summary>Answers that were put and not told.</summary>
    internal int Untold => (int)(_answersPut - _answersTold);

    /// <summary>Copies the next request out, if there is one.</summary>
    /// <exception cref="DeviceProtocolException">The ring says that there are more than it has room for.</exception>
    internal bool TryTake(Span<byte> entry)
    {
        uint available = Index(0) - _requestsTaken;
        if (available == 0)
            return false;
        if (available > (uint)Size || _requestsTaken - _answersPut >= (uint)Size)
            throw new DeviceProtocolException($"the ring claims {available} requests beside {_requestsTaken - _answersPut} unanswered ones; it has {Size} entries");

        // What the index covers was written before it.
        Interlocked.MemoryBarrier();
        Copy(Place(_requestsTaken), entry[.._entrySize], fromGuest: true);
        _requestsTaken++;
        return true;
    }

    /// <summary>There is a request to take.</summary>
    internal bool HasRequest => Index(0) != _requestsTaken;

    /// <summary>Asks to be notified of further requests. True: one has come meanwhile, look again.</summary>
    internal bool Arm()
    {
        Volatile.Write(ref At(4), _requestsTaken + 1);
        Interlocked.MemoryBarrier();
        return HasRequest;
    }

    /// <summary>Writes an answer, not yet told.</summary>
    internal void Put(ulong id, byte operation, BlockStatus status)
    {
        Span<byte> answer = stackalloc byte[BlockLayout.AnswerSize];
        Unsafe.WriteUnaligned(ref answer[0], id);
        answer[8] = operation;
        answer[9] = 0;
        Unsafe.WriteUnaligned(ref answer[10], (short)status);
        Copy(Place(_answersPut), answer, fromGuest: false);
        _answersPut++;
    }

    /// <summary>Tells the answers. True: the guest wants to be notified.</summary>
    internal bool Tell()
    {
        if (_answersPut == _answersTold)
            return false;
        Interlocked.MemoryBarrier();
        Volatile.Write(ref At(8), _answersPut);
        Interlocked.MemoryBarrier();
        uint before = _answersTold;
        _answersTold = _answersPut;
        return _answersPut - Index(12) < _answersPut - before;
    }

    private int Place(uint index) => Header + ((int)(index & _mask) * _entrySize);

    private uint Index(int offset) => Volatile.Read(ref At(offset));

    private ref uint At(int offset) => ref Unsafe.AsRef<uint>((byte*)_pages[0].Page.Address + offset);

    private void Copy(int place, Span<byte> bytes, bool fromGuest)
    {
        while (!bytes.IsEmpty)
        {
            int inPage = place % GuestMemory.FrameSize;
            Span<byte> part = _pages[place / GuestMemory.FrameSize].Page.Bytes[inPage..];
            int count = Math.Min(part.Length, bytes.Length);
            if (fromGuest)
                part[..count].CopyTo(bytes);
            else
                bytes[..count].CopyTo(part);
            bytes = bytes[count..];
            place += count;
        }
    }
}
