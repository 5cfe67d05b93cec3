using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// What one queue of the guest receives: the kernel writes frames from the tap right into the pages that the guest has put into its ring.
/// </summary>
/// <remarks>
/// A response stands under the index of the request whose page it is about. A packet that is still to be cut has, after its first response, one with
/// extra information, whose page stays empty. Whether a packet is of that kind shows only when it has been read; so the second page is left out of
/// the reading, and only a frame that is long without being cut (jumbo) has its pages moved up by one. What does not fit the guest's pages is read
/// to a place of our own and dropped.
/// </remarks>
internal sealed unsafe class Receiver
{
    private const int MostPages = 18; // 64 KiB and a header, and one for extra information
    private const int Batch = 32; // packets between two publications
    private const int MostAtOnce = 256; // packets before the other direction has its turn
    private const int SpareSize = 72 * 1024;

    private readonly NetworkRing _ring;
    private readonly TapQueue _tap;
    private readonly DeviceContext _context;
    private readonly NetworkCounters _counters;
    private readonly GuestAbilities _guest;
    private readonly ReceiveRequest[] _requests = new ReceiveRequest[MostPages];
    private readonly GrantPage[] _pages = new GrantPage[MostPages];
    private readonly byte[] _spare = GC.AllocateArray<byte>(SpareSize, pinned: true);
    private int _mapped; // requests whose pages are mapped, from the oldest on
    private readonly ReceivePace _pace;
    private readonly Action _notify;
    private bool _isBlocked; // behind them stands one whose page cannot be
    private ReceiveRequest _bad;

    internal Receiver(NetworkRing ring, TapQueue tap, DeviceContext context, GuestAbilities guest, NetworkCounters counters, Action notify)
    {
        _ring = ring;
        _notify = notify;
        _pace = new ReceivePace(context);
        _tap = tap;
        _context = context;
        _guest = guest;
        _counters = counters;
    }

    /// <summary>Takes what the tap has, as far as the guest has room, and notifies the guest.</summary>
    /// <param name="wait">Microseconds after which to look again at the latest; 0: at once.</param>
    /// <returns>What keeps it from going on.</returns>
    /// <exception cref="DeviceProtocolException">The ring makes no sense any more.</exception>
    internal ReceiveStop Run(out long wait)
    {
        wait = 0;
        ReceiveStop stop = ReceiveStop.Turn;
        for (int packets = 0; packets < MostAtOnce && stop == ReceiveStop.Turn; packets++)
        {
            // The first at once: a guest that sleeps wakes up while the others are fetched.
            if (packets % Batch == 1)
                Publish();
            stop = _pace.Rests(BackendClock.Now) ? ReceiveStop.Rest : !HasRoom() ? ReceiveStop.NoRoom : !ReceiveOne() ? ReceiveStop.Drained : ReceiveStop.Turn;
        }

        Publish();
        wait = stop switch { ReceiveStop.Turn => 0, ReceiveStop.Rest => ReceivePace.Look, _ => -1 };
        return stop;
    }

    /// <summary>Gives the pages back that no packet has come for. The thread that runs this has ended.</summary>
    internal void Release()
    {
        while (_mapped > 0)
            _context.Grants.Unmap(new GrantReference(_requests[--_mapped].Grant), write: true);
    }

    /// <summary>Maps pages until there are enough for any packet, or no more. False: there is not one, and the guest says when there is.</summary>
    private bool HasRoom()
    {
        while (true)
        {
            while (_mapped < MostPages && !_isBlocked && MapNext())
            {
            }

            if (_mapped != 0)
                return true;
            if (_isBlocked)
            {
                // Its turn has come: its page was never there.
                _counters.ReceiveErrors++;
                _ring.Respond(new ReceiveResponse { Id = _bad.Id, Status = TransmitResponse.Error });
                _isBlocked = false;
            }
            else if (!_ring.AskForMore())
            {
                return false;
            }
        }
    }

    private void Publish()
    {
        if (_ring.HasUnpublished && _ring.Publish())
            _notify();
    }

    private bool MapNext()
    {
        int waiting = _ring.Waiting;
        if (waiting < 0)
            throw new DeviceProtocolException("the front-end has announced more room for packets than its ring holds");
        if (waiting == 0)
            return false;
        ReceiveRequest request = _ring.Take<ReceiveRequest>();
        _isBlocked = _context.Grants.Map(new GrantReference(request.Grant), write: true, out GrantPage page) != GrantStatus.Okay;
        if (_isBlocked)
        {
            _bad = request;
            return false;
        }

        _requests[_mapped] = request;
        _pages[_mapped++] = page;
        return true;
    }

    private bool ReceiveOne()
    {
        IoVector* vectors = stackalloc IoVector[MostPages + 2];
        VirtioHeader header = default;
        vectors[0] = new IoVector(&header, VirtioHeader.Size);
        vectors[1] = new IoVector((void*)_pages[0].Address, GuestMemory.FrameSize);
        int count = 2;
        for (int page = 2; page < _mapped && _guest.HasScatterGather; page++)
            vectors[count++] = new IoVector((void*)_pages[page].Address, GuestMemory.FrameSize);
        vectors[count++] = new IoVector(Unsafe.AsPointer(ref _spare[0]), SpareSize); // a pinned array
        int length = _tap.Read(vectors, count) - VirtioHeader.Size;
        if (length <= 0)
            return false;
        bool isCut = header.SegmentType != VirtioHeader.NoSegments;
        int dataPages = (length + GuestMemory.FrameSize - 1) / GuestMemory.FrameSize;
        int slots = isCut ? dataPages + 1 : dataPages;
        bool needsSecond = !isCut && dataPages > 1;
        int inPages = (count - 2) * GuestMemory.FrameSize;
        if (length < FrameHeaders.Ethernet || slots > _mapped || (dataPages > 1 && !_guest.HasScatterGather))
        {
            _counters.ReceiveDrops++;
            return true;
        }

        if (needsSecond)
            MoveUp(length, inPages);
        _pace.Count(_pages[0].Bytes[..Math.Min(length, GuestMemory.FrameSize)]);
        ushort flags = Finish(ref header, length, isCut);
        Respond(header, length, flags, isCut);
        _counters.ReceivedPackets++;
        _counters.ReceivedBytes += length;
        return true;
    }

    /// <summary>Fills the second page after all, with what was read to the third, and so on; the last part may be in the spare place.</summary>
    private void MoveUp(int length, int inPages)
    {
        int left = length - GuestMemory.FrameSize;
        for (int page = 1; left > 0; page++)
        {
            int part = Math.Min(left, GuestMemory.FrameSize);
            ReadOnlySpan<byte> from = page * GuestMemory.FrameSize < inPages ? _pages[page + 1].Bytes : _spare;
            from[..part].CopyTo(_pages[page].Bytes);
            left -= part;
        }
    }

    /// <summary>What the guest is told of the checksum. One that it does not know how to finish is finished here.</summary>
    private ushort Finish(ref VirtioHeader header, int length, bool isCut)
    {
        if ((header.Flags & VirtioHeader.NeedsChecksum) == 0)
            return (header.Flags & VirtioHeader.DataValid) != 0 ? ReceiveResponse.DataValidated : (ushort)0;
        bool isKnown = FrameHeaders.TryRead(_pages[0].Bytes[..Math.Min(length, FrameHeaders.MaximumLength)], out FrameHeaders found)
            && found.Transport == header.ChecksumStart && found.ChecksumOffset == header.ChecksumOffset;
        if (isKnown && (found.IsVersion6 ? _guest.TakesChecksums6 : _guest.TakesChecksums4))
            return ReceiveResponse.ChecksumBlank | ReceiveResponse.DataValidated;
        if (isCut)
            return ReceiveResponse.ChecksumBlank | ReceiveResponse.DataValidated; // the kernel cuts only what the guest said it takes
        FillChecksum(header, length);
        return ReceiveResponse.DataValidated;
    }

    private void FillChecksum(VirtioHeader header, int length)
    {
        int target = header.ChecksumStart + header.ChecksumOffset;
        if (target + 2 > Math.Min(length, GuestMemory.FrameSize))
            return;
        uint sum = 0;
        bool isOdd = false;
        for (int at = header.ChecksumStart; at < length;)
        {
            int page = at / GuestMemory.FrameSize;
            int offset = at % GuestMemory.FrameSize;
            int part = Math.Min(length - at, GuestMemory.FrameSize - offset);
            uint piece = Checksum.Add(0, _pages[page].Bytes.Slice(offset, part));

            // A piece that begins with the second half of a word counts with its halves exchanged (RFC 1071, section 2).
            ushort folded = Checksum.Fold(piece);
            sum += isOdd ? BinaryPrimitives.ReverseEndianness(folded) : folded;
            isOdd ^= (part & 1) != 0;
            at += part;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_pages[0].Bytes[target..], Checksum.Finish(sum));
    }

    private void Respond(in VirtioHeader header, int length, ushort flags, bool isCut)
    {
        int slot = 0;
        for (int left = length; left > 0; slot++)
        {
            int part = Math.Min(left, GuestMemory.FrameSize);
            left -= part;
            ushort more = left > 0 ? ReceiveResponse.MoreData : (ushort)0;
            ushort extra = isCut && slot == 0 ? ReceiveResponse.ExtraInformation : (ushort)0;
            _context.ContentWritten(new GuestPhysical(_pages[slot].Frame.Number * GuestMemory.FrameSize), (ulong)part);
            _ring.Respond(new ReceiveResponse
            {
                Id = _requests[slot].Id,
                Flags = (ushort)((slot == 0 ? flags : 0) | more | extra),
                Status = (short)part,
            });
            if (isCut && slot == 0)
            {
                slot++; // the second page's place
                _ring.Respond(new ExtraInformation
                {
                    Type = ExtraInformation.Segmentation,
                    SegmentSize = header.SegmentSize,
                    SegmentType = (header.SegmentType & ~VirtioHeader.Ecn) == VirtioHeader.Tcp6 ? ExtraInformation.Tcp6 : ExtraInformation.Tcp4,
                });
            }
        }

        for (int used = 0; used < slot; used++)
            _context.Grants.Unmap(new GrantReference(_requests[used].Grant), write: true);
        _mapped -= slot;
        Array.Copy(_requests, slot, _requests, 0, _mapped);
        Array.Copy(_pages, slot, _pages, 0, _mapped);
    }
}
