using System.IO.Compression;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary>An open qcow2 image.</summary>
/// <remarks>
/// Data are written to their clusters at once; what points to new clusters stays in memory until a flush. A flush writes the reference counts, waits
/// for the medium, writes the L2 tables, waits, writes the L1 entries, waits: whenever the machine dies, what is on the medium points to nothing
/// that is not there, and at worst some clusters count as used that are not. What is used no more is freed after all that.
/// Clusters are taken at the file's end alone and never moved, so a place once told by <see cref="IBlockMapping.Map"/> stays that range's own.
/// </remarks>
internal sealed class Qcow2Image : ClusteredImage, IBlockDiscard
{
    private readonly IBlockFile _file;
    private readonly IBlockImage? _parent;
    private readonly Qcow2Header _header;
    private readonly ulong[] _l1;
    private readonly HashSet<int> _dirtyL1 = [];
    private readonly List<long> _freed = [];
    private readonly L2Cache _tables;
    private readonly Refcounts _counts;

    public Qcow2Image(IBlockFile file, IBlockImage? parent, bool isWritable)
    {
        _file = file;
        _parent = parent;
        _header = Qcow2Header.Read(file);
        if (_header.Length < 512)
            throw Qcow2Header.Fault(file, "it is empty: a disk has at least one sector of 512 bytes");
        if (isWritable && (_header.Incompatible & Qcow2Header.CorruptFeature) != 0)
            throw Qcow2Header.Fault(file, "it is marked as damaged and can only be read; 'hospes image check --repair' may mend it");
        if (isWritable && (_header.Incompatible & Qcow2Header.DirtyFeature) != 0)
            throw Qcow2Header.Fault(file, "it was not closed and its reference counts are not to be trusted; 'hospes image check --repair' mends it");
        IsWritable = isWritable && file.IsWritable;
        _l1 = BigEndian.Read(file, _header.L1Offset, _header.L1Entries);
        _tables = new L2Cache(file, _header);
        _counts = new Refcounts(file, _header);
    }

    public override long Length => _header.Length / 512 * 512;

    public override bool IsWritable { get; }

    public int DiscardGranularity => _header.ClusterSize;

    protected override int ClusterSize => _header.ClusterSize;

    public void Discard(long offset, long length)
    {
        if (_header.Version < 3)
            return; // without a mark for zeroes there is no way to forget a cluster and keep its place
        long first = (offset + ClusterSize - 1) / ClusterSize * ClusterSize;
        long end = (offset + length) / ClusterSize * ClusterSize;
        if (offset + length == Length)
            end = (Length + ClusterSize - 1) / ClusterSize * ClusterSize;
        for (long at = first; at < end; at += ClusterSize)
        {
            lock (Sync)
                Forget(at);
        }
    }

    public override void Dispose()
    {
        _file.Dispose();
        _parent?.Dispose();
    }

    protected override void ReadPart(long offset, int within, Span<byte> part)
    {
        ulong entry;
        lock (Sync)
            entry = Entry(offset);
        ReadCluster(entry, offset, within, part);
    }

    protected override BlockExtent MapPart(long offset, long length, bool isWrite)
    {
        int l1 = (int)(offset / _header.L2Reach);
        if (Qcow2Entry.Offset(_l1[l1]) == 0)
            return MapEntry(0, offset, length, isWrite);
        return _tables.Find(l1) is { } table ? MapEntry(table.Entries[Index(offset)], offset, length, isWrite) : BlockExtent.Unknown;
    }

    private BlockExtent MapEntry(ulong entry, long offset, long length, bool isWrite)
    {
        if ((entry & Qcow2Entry.Compressed) != 0)
            return BlockExtent.Unknown;
        bool isZero = (entry & Qcow2Entry.Zero) != 0;
        long place = Qcow2Entry.Offset(entry);
        if (isWrite)
        {
            return !isZero && place != 0 && (entry & Qcow2Entry.Copied) != 0 && IsInside(place) && _file.Descriptor >= 0
                ? new BlockExtent(BlockExtentKind.Data, _file.Descriptor, place + (offset % ClusterSize), length)
                : BlockExtent.Unknown;
        }

        if (isZero)
            return new BlockExtent(BlockExtentKind.Zero, -1, 0, length);
        if (place == 0)
            return Parent.Map(_parent, offset, length);
        return IsInside(place) && _file.Descriptor >= 0
            ? new BlockExtent(BlockExtentKind.Data, _file.Descriptor, place + (offset % ClusterSize), length)
            : BlockExtent.Unknown;
    }

    private void ReadCluster(ulong entry, long offset, int within, Span<byte> part)
    {
        if ((entry & Qcow2Entry.Compressed) != 0)
        {
            byte[] cluster = Inflate(entry);
            cluster.AsSpan(within, part.Length).CopyTo(part);
            return;
        }

        long place = Qcow2Entry.Offset(entry);
        if ((entry & Qcow2Entry.Zero) != 0)
            part.Clear();
        else if (place == 0)
            Parent.Read(_parent, offset, part);
        else
            ReadData(CheckedPlace(place) + within, part);
    }

    // The last cluster of a file may be cut short where nothing was written to it.
    private void ReadData(long place, Span<byte> part)
    {
        int there = (int)Math.Clamp(_file.Length - place, 0, part.Length);
        _file.Read(place, part[..there]);
        part[there..].Clear();
    }

    protected override void WritePart(long offset, int within, ReadOnlySpan<byte> part)
    {
        L2Table table = TableForWriting(offset);
        ref ulong entry = ref table.Entries[Index(offset)];
        long place = Qcow2Entry.Offset(entry);
        bool isOwn = (entry & (Qcow2Entry.Copied | Qcow2Entry.Compressed)) == Qcow2Entry.Copied && place != 0;
        if (isOwn && (entry & Qcow2Entry.Zero) == 0)
        {
            _file.Write(CheckedPlace(place) + within, part);
            return;
        }

        ulong old = entry;
        long target = isOwn ? CheckedPlace(place) : _counts.Take(1);
        if (part.Length == ClusterSize)
        {
            _file.Write(target, part);
        }
        else
        {
            byte[] cluster = new byte[ClusterSize];
            ReadCluster(old, offset - within, 0, cluster);
            part.CopyTo(cluster.AsSpan(within));
            _file.Write(target, cluster);
        }

        entry = (ulong)target | Qcow2Entry.Copied;
        table.IsDirty = true;
        if (!isOwn)
            Free(old);
    }

    private void Forget(long offset)
    {
        ulong present = Entry(offset);
        if ((present & Qcow2Entry.Zero) != 0 || (present == 0 && _parent is null))
            return;
        L2Table table = TableForWriting(offset);
        ref ulong entry = ref table.Entries[Index(offset)];
        long place = Qcow2Entry.Offset(entry);
        bool isOwn = (entry & (Qcow2Entry.Copied | Qcow2Entry.Compressed)) == Qcow2Entry.Copied && place != 0;
        ulong old = entry;
        entry = isOwn ? entry | Qcow2Entry.Zero : Qcow2Entry.Zero;
        table.IsDirty = true;
        if (isOwn)
            _file.Zero(CheckedPlace(place), ClusterSize);
        else
            Free(old);
    }

    /// <summary>The clusters behind an entry are used once less, once that entry is on the medium no more.</summary>
    private void Free(ulong entry)
    {
        if ((entry & Qcow2Entry.Compressed) != 0)
        {
            (long start, int length) = Qcow2Entry.CompressedPlace(entry, _header.ClusterBits);
            for (long at = start / ClusterSize * ClusterSize; at < start + length; at += ClusterSize)
                _freed.Add(at);
        }
        else if (Qcow2Entry.Offset(entry) is not 0 and long place)
        {
            _freed.Add(place);
        }
    }

    private ulong Entry(long offset)
    {
        int l1 = (int)(offset / _header.L2Reach);
        long place = Qcow2Entry.Offset(_l1[l1]);
        return place == 0 ? 0 : Table(l1, place).Entries[Index(offset)];
    }

    private L2Table Table(int l1, long place)
    {
        if (_tables.Find(l1) is { } table)
            return table;
        MakeRoom();
        return _tables.Read(l1, place);
    }

    private L2Table TableForWriting(long offset)
    {
        if (!IsWritable)
            throw Qcow2Header.Fault(_file, "it is open for reading only");
        int l1 = (int)(offset / _header.L2Reach);
        long place = Qcow2Entry.Offset(_l1[l1]);
        if (place != 0 && (_l1[l1] & Qcow2Entry.Copied) != 0)
            return Table(l1, place);

        // There is none, or a snapshot uses it too: a table of our own.
        ulong[] entries = place == 0 ? new ulong[_header.L2Entries] : [.. Table(l1, place).Entries];
        MakeRoom();
        long target = _counts.Take(1);
        L2Table table = _tables.Add(l1, target, entries);
        table.IsDirty = true;
        _l1[l1] = (ulong)target | Qcow2Entry.Copied;
        _dirtyL1.Add(l1);
        if (place != 0)
            _freed.Add(place);
        return table;
    }

    private void MakeRoom()
    {
        if (!_tables.IsFull)
            return;
        FlushLocked();
        _tables.DropOldest();
    }

    protected override void FlushLocked()
    {
        if (_counts.IsDirty)
            _counts.Write();
        List<L2Table> dirty = [.. _tables.Dirty];
        long[] freed = [.. _freed];
        _file.Flush();
        if (dirty.Count > 0)
        {
            foreach (L2Table table in dirty)
                _file.Write(table.Offset, BigEndian.Bytes(table.Entries));
            _file.Flush();
        }

        if (_dirtyL1.Count > 0)
        {
            foreach (int index in _dirtyL1)
                BigEndian.Write(_file, _header.L1Offset + ((long)index * sizeof(ulong)), _l1[index]);
            _file.Flush();
        }

        // Only now that all has succeeded: after a failure everything is written again.
        dirty.ForEach(static table => table.IsDirty = false);
        _dirtyL1.Clear();
        foreach (long offset in freed)
            _counts.Release(offset);
        _freed.RemoveRange(0, freed.Length);
        if (_counts.IsDirty)
            _counts.Write(); // on the medium with the next flush; lost, some clusters count as used that are not
    }

    private byte[] Inflate(ulong entry)
    {
        (long offset, int length) = Qcow2Entry.CompressedPlace(entry, _header.ClusterBits);
        byte[] compressed = new byte[(int)Math.Clamp(_file.Length - offset, 0, length)];
        _file.Read(offset, compressed);
        byte[] cluster = new byte[ClusterSize];
        try
        {
            using DeflateStream stream = new(new MemoryStream(compressed), CompressionMode.Decompress);
            stream.ReadExactly(cluster);
            return cluster;
        }
        catch (Exception wrong) when (wrong is InvalidDataException or EndOfStreamException)
        {
            throw Qcow2Header.Fault(_file, $"the compressed cluster at 0x{offset:x} is damaged");
        }
    }

    private bool IsInside(long place) => place % ClusterSize == 0 && place <= _counts.End - ClusterSize;

    private long CheckedPlace(long place) => IsInside(place)
        ? place
        : throw Qcow2Header.Fault(_file, $"a data cluster lies at 0x{place:x}, outside the file or across clusters");

    private int Index(long offset) => (int)(offset / ClusterSize % _header.L2Entries);
}
