using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// Makes a slot of a request: copied from the ring once, everything checked, its pages mapped (fact sheet "Storage", section 5.4). What is wrong with a
/// request is that request's error, its pages are given back.
/// </summary>
internal sealed class BlockRequestReader(DeviceContext context, BlockLayout layout, PersistentGrants? kept)
{
    /// <summary>Segments that an indirect request may have: a megabyte.</summary>
    internal const int MostSegments = 256;

    private const int Sector = 512;
    private const int SectorsPerPage = GuestMemory.FrameSize / Sector;
    private const int SegmentSize = 8;

    private readonly byte[] _segments = new byte[MostSegments * SegmentSize];

    /// <summary>Reads a request. False: its status says why it is not carried out.</summary>
    internal bool Read(ReadOnlySpan<byte> entry, BlockSlot slot, in BlockLimits limits)
    {
        byte operation = entry[0];
        slot.Begin(Unsafe.ReadUnaligned<ulong>(in entry[layout.Id]), operation);
        ulong sector = Unsafe.ReadUnaligned<ulong>(in entry[layout.Sector]);
        switch ((BlockOperation)operation)
        {
            case BlockOperation.Read or BlockOperation.Write or BlockOperation.WriteBarrier or BlockOperation.Flush:
                int count = entry[1];
                return count <= BlockLayout.DirectSegments && ReadData(slot, sector, entry.Slice(layout.Segments, count * SegmentSize), limits);
            case BlockOperation.Indirect:
                return ReadIndirect(entry, slot, sector, limits);
            case BlockOperation.Discard:
                return ReadDiscard(entry, slot, sector, limits);
            default:
                slot.Status = BlockStatus.NotSupported;
                return false;
        }
    }

    /// <summary>Gives a request's pages back.</summary>
    internal void Release(BlockSlot slot)
    {
        for (int at = 0; at < slot.GrantCount; at++)
            context.Grants.Unmap(slot.Grant(at), slot.WritesGuest);
    }

    private static bool Place(BlockSlot slot, ulong sector, ulong sectors, in BlockLimits limits)
    {
        // no sum that a guest could make overflow
        if (sectors > limits.Sectors || sector > limits.Sectors - sectors)
            return false;
        slot.Offset = (long)sector * Sector;
        return true;
    }

    private bool ReadIndirect(ReadOnlySpan<byte> entry, BlockSlot slot, ulong sector, in BlockLimits limits)
    {
        // The answer names what was done, not that its segments stood elsewhere.
        slot.Operation = (BlockOperation)entry[1];
        slot.WireOperation = entry[1];
        int count = Unsafe.ReadUnaligned<ushort>(in entry[2]);
        if (slot.Operation is not (BlockOperation.Read or BlockOperation.Write) || count is 0 or > MostSegments)
            return false;
        Span<byte> segments = _segments.AsSpan(0, count * SegmentSize);
        for (int at = 0, page = 0; at < segments.Length; at += GuestMemory.FrameSize, page++)
        {
            GrantReference reference = new(Unsafe.ReadUnaligned<uint>(in entry[layout.IndirectGrants + (page * sizeof(uint))]));
            if (context.Grants.Map(reference, write: false, out GrantPage mapped) != GrantStatus.Okay)
                return false;
            Span<byte> part = segments[at..Math.Min(at + GuestMemory.FrameSize, segments.Length)];
            mapped.Bytes[..part.Length].CopyTo(part);
            context.Grants.Unmap(reference, write: false);
        }

        return ReadData(slot, sector, segments, limits);
    }

    private bool ReadDiscard(ReadOnlySpan<byte> entry, BlockSlot slot, ulong sector, in BlockLimits limits)
    {
        if (!limits.CanDiscard)
        {
            slot.Status = BlockStatus.NotSupported;
            return false;
        }

        ulong sectors = Unsafe.ReadUnaligned<ulong>(in entry[layout.DiscardCount]);
        if (!limits.IsWritable || !Place(slot, sector, sectors, limits))
            return false;
        slot.Length = (long)sectors * Sector;
        return true;
    }

    private bool ReadData(BlockSlot slot, ulong sector, ReadOnlySpan<byte> segments, in BlockLimits limits)
    {
        bool isRead = slot.Operation == BlockOperation.Read;
        if (segments.IsEmpty)
        {
            // Linux sends a flush, and an empty barrier, without data and with a sector number that means nothing.
            return slot.Operation is BlockOperation.Flush or BlockOperation.WriteBarrier;
        }

        if (!isRead && !limits.IsWritable)
            return false;
        GrantPage page = default;
        for (int at = 0; at < segments.Length; at += SegmentSize)
        {
            int first = segments[at + 4];
            int last = segments[at + 5];
            GrantReference reference = new(Unsafe.ReadUnaligned<uint>(in segments[at]));
            if (last >= SectorsPerPage || first > last)
                return Refuse(slot);
            bool isKept = kept is not null && kept.TryGet(reference, out page);
            if (!isKept && context.Grants.Map(reference, isRead, out page) != GrantStatus.Okay)
                return Refuse(slot);
            slot.Add(isKept ? null : reference, page, first * Sector, (last - first + 1) * Sector);
        }

        return Place(slot, sector, (ulong)slot.Length / Sector, limits) || Refuse(slot);
    }

    private bool Refuse(BlockSlot slot)
    {
        Release(slot);
        return false;
    }
}
