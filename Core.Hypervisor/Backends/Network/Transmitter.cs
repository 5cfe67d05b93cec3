using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// What one queue of the guest sends: takes packets from its ring, checks them, and writes them to the tap. The guest's pages go to the kernel as they
/// are; of the headers, which are looked at here, a copy does, so that what was checked is what is sent.
/// </summary>
/// <example>
/// A TCP packet to be cut, 5,000 bytes in three slots:
/// <code>
/// slot 0  request {gref 8, offset 2, flags csum_blank | more_data | extra_info, id 0, size 5000}    size of all, for the first
/// slot 1  extra   {type 1 GSO, flags 0, size 1448, type 1 TCPv4}
/// slot 2  request {gref 9, offset 0, flags more_data, id 1, size 2000}
/// slot 3  request {gref 10, offset 0, flags 0, id 2, size 1000}                                     so the first page has 2000 of the packet
/// tap     header  {NEEDS_CSUM, gso TCPV4, header 66, mss 1448, start 34, offset 16}, then 66 bytes from the copy and three pieces of pages
/// </code>
/// </example>
internal sealed unsafe class Transmitter
{
    private const int MostSlots = 20; // a packet's; the protocol promises 18
    private const int Batch = 64; // packets between two publications
    private const int BatchesAtOnce = 4;
    private const int LargestTag = 4;
    private const int MostSlotsInline = 2;
    private const int MostBytesInline = 1600;

    private readonly NetworkRing _ring;
    private readonly TapQueue _tap;
    private readonly DeviceContext _context;
    private readonly NetworkCounters _counters;
    private readonly RateLimit _limit;
    private readonly TransmitPace _pace = new();
    private readonly int _largestFrame;
    private readonly TransmitRequest[] _slots = new TransmitRequest[MostSlots];
    private readonly GrantPage[] _pages = new GrantPage[MostSlots];
    private readonly byte[] _headers = GC.AllocateArray<byte>(FrameHeaders.MaximumLength, pinned: true);

    // A packet that has been taken but must wait for its rate.
    private int _slotCount;
    private int _extraCount;
    private bool _isBad;
    private ExtraInformation _segmentation;
    private bool _isHeld;

    internal Transmitter(NetworkRing ring, TapQueue tap, DeviceContext context, NetworkSettings settings, NetworkCounters counters)
    {
        _ring = ring;
        _tap = tap;
        _context = context;
        _counters = counters;
        _limit = new RateLimit(settings.RateBytes, settings.RateInterval);
        _largestFrame = settings.Mtu + FrameHeaders.Ethernet + LargestTag;
    }

    /// <summary>Sends what is there, or so much of it that the other direction gets its turn. Answers whether the guest is to be notified.</summary>
    /// <param name="wait">Microseconds to wait at most before the next call; -1: until the guest notifies.</param>
    /// <exception cref="DeviceProtocolException">The ring makes no sense any more.</exception>
    internal bool Run(out long wait)
    {
        bool notify = false;
        bool isEmpty = false;
        wait = 0;
        for (int batch = 0; batch < BatchesAtOnce && wait == 0 && !isEmpty; batch++)
        {
            for (int packet = 0; packet < Batch && wait == 0; packet++)
            {
                if (!_isHeld && !TakePacket())
                    break;
                wait = SendUnlessHeld();
            }

            long now = BackendClock.Now;
            isEmpty = wait == 0 && _ring.Waiting == 0 && !_pace.AskForMore(_ring, now);
            if (_ring.HasUnpublished && _pace.IsTimeToPublish(_ring.Unpublished, now))
                notify |= _ring.Publish();
        }

        if (isEmpty)
            wait = _pace.Wait(_ring.HasUnpublished, BackendClock.Now);
        else if (wait > 0 && _ring.HasUnpublished)
            wait = Math.Min(wait, Math.Max(_pace.Wait(hasGathered: true, BackendClock.Now), 1));
        return notify;
    }

    /// <summary>
    /// Sends the small packet that a guest notifies of now and then: on its own thread, without waking another. All is published, nothing is left to
    /// be done later.
    /// </summary>
    /// <param name="notify">The guest is to be notified.</param>
    /// <returns>False: there is more than that, or a limit: the worker must look.</returns>
    /// <exception cref="DeviceProtocolException">The ring makes no sense any more.</exception>
    internal bool TryRunInline(out bool notify)
    {
        notify = false;
        if (_pace.IsBusy || _isHeld || !_limit.IsUnlimited || _ring.Waiting is <= 0 or > MostSlotsInline || _ring.Peek<TransmitRequest>().Size > MostBytesInline)
            return false;
        for (int packet = 0; packet < MostSlotsInline && TakePacket(); packet++)
            SendUnlessHeld();
        _pace.Published();
        notify = _ring.HasUnpublished && _ring.Publish();
        return !_pace.AskForMore(_ring, BackendClock.Now) && !_pace.IsBusy;
    }

    private long SendUnlessHeld()
    {
        long pause = _isBad ? 0 : _limit.Ask(_slots[0].Size, BackendClock.Now);
        _isHeld = pause != 0;
        if (_isHeld)
            return pause;
        _pace.Count(_slots[0].Size);
        Answer(_isBad ? TransmitResponse.Error : Send());
        return 0;
    }

    /// <summary>Takes all slots of the next packet. False: there is none, or not all of it.</summary>
    private bool TakePacket()
    {
        int waiting = _ring.Waiting;
        if (waiting < 0)
            throw new DeviceProtocolException("the front-end has announced more packets than its ring holds");
        if (waiting == 0)
            return false;
        _slotCount = _extraCount = 0;
        _segmentation = default;
        _isBad = false;
        TransmitRequest request = _ring.Take<TransmitRequest>();
        Keep(request);
        bool hasMore = (request.Flags & TransmitRequest.ExtraInformation) != 0;
        while (hasMore && _ring.Waiting > 0)
        {
            TakeExtra(out hasMore);
        }

        _isBad |= hasMore;
        hasMore = (request.Flags & TransmitRequest.MoreData) != 0;
        while (hasMore && _ring.Waiting > 0)
        {
            request = _ring.Take<TransmitRequest>();
            Keep(request);
            hasMore = (request.Flags & TransmitRequest.MoreData) != 0;
        }

        _isBad |= hasMore; // a front-end shows a packet's slots all at once
        return true;
    }

    private void Keep(TransmitRequest request)
    {
        if (_slotCount < MostSlots)
        {
            _slots[_slotCount++] = request;
            return;
        }

        // Too many slots: this one is answered at its turn, with the packet, as all of them are, by the number it stands under.
        _isBad = true;
        _ring.Respond(new TransmitResponse { Id = request.Id, Status = TransmitResponse.Error });
    }

    private void TakeExtra(out bool hasMore)
    {
        ExtraInformation extra = _ring.Take<ExtraInformation>();
        _extraCount++;
        hasMore = (extra.Flags & ExtraInformation.More) != 0;
        bool isKnown = extra.Type == ExtraInformation.Segmentation && extra.SegmentSize != 0
            && extra.SegmentType is ExtraInformation.Tcp4 or ExtraInformation.Tcp6;
        if (isKnown)
            _segmentation = extra;
        else
            _isBad = true;
    }

    /// <summary>Gives all slots of the packet back: the first, a null for each extra, then the rest, in the order in which they came.</summary>
    private void Answer(short status)
    {
        if (status != TransmitResponse.Okay)
        {
            if (status == TransmitResponse.Dropped)
                _counters.TransmitDrops++;
            else
                _counters.TransmitErrors++;
        }

        _ring.Respond(new TransmitResponse { Id = _slots[0].Id, Status = status });
        for (int extra = 0; extra < _extraCount; extra++)
            _ring.Respond(new TransmitResponse { Status = TransmitResponse.Null });
        for (int slot = 1; slot < _slotCount; slot++)
            _ring.Respond(new TransmitResponse { Id = _slots[slot].Id, Status = status });
    }

    private short Send()
    {
        // The first slot's size is the whole packet's: what the others have is not in its page.
        int total = _slots[0].Size;
        int first = total;
        for (int slot = 1; slot < _slotCount; slot++)
            first -= _slots[slot].Size;
        bool isCut = _segmentation.SegmentSize != 0;
        if (first <= 0 || total < FrameHeaders.Ethernet || (!isCut && total > _largestFrame))
            return TransmitResponse.Error;
        _slots[0].Size = (ushort)first;
        int mapped = 0;
        try
        {
            for (; mapped < _slotCount; mapped++)
            {
                ref TransmitRequest slot = ref _slots[mapped];
                if (slot.Size == 0 || slot.Offset + slot.Size > GuestMemory.FrameSize
                    || _context.Grants.Map(new GrantReference(slot.Grant), write: false, out _pages[mapped]) != GrantStatus.Okay)
                    return TransmitResponse.Error;
            }

            return Write(total);
        }
        finally
        {
            while (mapped-- > 0)
                _context.Grants.Unmap(new GrantReference(_slots[mapped].Grant), write: false);
        }
    }

    private short Write(int total)
    {
        IoVector* vectors = stackalloc IoVector[MostSlots + 2];
        Span<byte> headers = _headers.AsSpan(0, Math.Min(total, FrameHeaders.MaximumLength));
        int vectorCount = 2;
        int copied = 0;
        for (int slot = 0; slot < _slotCount; slot++)
        {
            // The guest may change its page meanwhile: what is copied is looked at here, the rest only by the receiver.
            ReadOnlySpan<byte> data = _pages[slot].Bytes.Slice(_slots[slot].Offset, _slots[slot].Size);
            int part = Math.Min(data.Length, headers.Length - copied);
            data[..part].CopyTo(headers[copied..]);
            copied += part;
            if (part < data.Length)
                vectors[vectorCount++] = new IoVector((byte*)_pages[slot].Address + _slots[slot].Offset + part, data.Length - part);
        }

        VirtioHeader header = default;
        if (!TryDescribe(headers, total, ref header))
            return TransmitResponse.Error;
        vectors[0] = new IoVector(&header, VirtioHeader.Size);
        vectors[1] = new IoVector(Unsafe.AsPointer(ref _headers[0]), headers.Length); // a pinned array
        if (!_tap.Write(vectors, vectorCount))
            return TransmitResponse.Dropped;
        _counters.TransmittedPackets++;
        _counters.TransmittedBytes += total;
        return TransmitResponse.Okay;
    }

    /// <summary>Says what is left to do with a frame, and prepares its checksum for that. False: the frame is not what its flags say.</summary>
    private bool TryDescribe(Span<byte> frame, int total, ref VirtioHeader header)
    {
        bool isCut = _segmentation.SegmentSize != 0;
        if (!isCut && (_slots[0].Flags & TransmitRequest.ChecksumBlank) == 0)
            return true;
        if (!FrameHeaders.TryRead(frame, out FrameHeaders found) || found.End > total || (isCut && !found.IsTcp))
            return false;
        if (isCut)
        {
            bool isVersion6 = _segmentation.SegmentType == ExtraInformation.Tcp6;
            if (isVersion6 != found.IsVersion6 || found.Length >= total)
                return false;
            header.SegmentType = isVersion6 ? VirtioHeader.Tcp6 : VirtioHeader.Tcp4;
            header.SegmentSize = _segmentation.SegmentSize;
            header.HeaderLength = (ushort)found.Length;
        }

        header.Flags = VirtioHeader.NeedsChecksum;
        header.ChecksumStart = (ushort)found.Transport;
        header.ChecksumOffset = (ushort)found.ChecksumOffset;
        BinaryPrimitives.WriteUInt16BigEndian(frame[(found.Transport + found.ChecksumOffset)..], found.PseudoSum(frame));
        return true;
    }
}
