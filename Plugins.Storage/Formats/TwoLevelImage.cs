using System.IO.Compression;
using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>
/// What the older formats have in common: a table of tables of clusters, no reference counts, new clusters at the file's end.
/// </summary>
/// <remarks>
/// As in qcow2, data are written at once and what points to them at a flush, in order: data, tables, the table of tables, each on the medium before
/// the next. A machine that dies leaves an image that lacks the last unflushed writes and at worst has some room that nothing uses.
/// </remarks>
internal abstract class TwoLevelImage : ClusteredImage
{
    private const int MostTables = 256;

    private readonly Dictionary<int, ulong[]> _tables = [];
    private readonly HashSet<int> _dirtyTables = [];
    private readonly HashSet<int> _dirtyTop = [];
    private readonly IBlockImage? _parent;
    private long _end;

    protected TwoLevelImage(IBlockFile file, IBlockImage? parent, bool isWritable, long length, int clusterSize, int tableEntries, long[] top)
    {
        File = file;
        _parent = parent;
        IsWritable = isWritable && file.IsWritable;
        Length = length / 512 * 512;
        ClusterSize = clusterSize;
        TableEntries = tableEntries;
        Top = top;
        if (Length == 0)
            throw new IOException($"{file.Path} is empty: a disk has at least one sector of 512 bytes.");
        int alignment = Math.Max(clusterSize, 512);
        _end = (file.Length + alignment - 1) / alignment * alignment;
    }

    public override long Length { get; }

    public override bool IsWritable { get; }

    protected IBlockFile File { get; }

    protected override int ClusterSize { get; }

    protected int TableEntries { get; }

    /// <summary>Places of tables in the file, bytes; 0: none.</summary>
    protected long[] Top { get; }

    private long Reach => (long)ClusterSize * TableEntries;

    public override void Dispose()
    {
        File.Dispose();
        _parent?.Dispose();
    }

    /// <summary>What an entry means.</summary>
    protected abstract ClusterPlace Decode(ulong entry);

    /// <summary>The entry for a cluster of data.</summary>
    protected abstract ulong Encode(long offset);

    /// <summary>Reads a table at a place.</summary>
    protected abstract ulong[] ReadTable(int index);

    /// <summary>Writes a table.</summary>
    protected abstract void WriteTable(int index, ulong[] entries);

    /// <summary>Writes where tables are.</summary>
    protected abstract void WriteTop(IReadOnlyCollection<int> indices);

    /// <summary>Room for a new table, and whatever it means for <see cref="Top"/>.</summary>
    protected virtual void AddTable(int index) => Top[index] = TakeRoom((long)TableEntries * sizeof(ulong));

    /// <summary>Room at the file's end.</summary>
    protected long TakeRoom(long bytes)
    {
        long at = _end;
        int alignment = Math.Max(ClusterSize, 512);
        _end += (bytes + alignment - 1) / alignment * alignment;
        return at;
    }

    protected override void ReadPart(long offset, int within, Span<byte> part)
    {
        ClusterPlace place;
        lock (Sync)
            place = Find(offset);
        ReadCluster(place, offset, within, part);
    }

    private ClusterPlace Find(long offset)
    {
        int index = (int)(offset / Reach);
        return Top[index] == 0 ? default : Decode(Table(index)[offset / ClusterSize % TableEntries]);
    }

    protected override BlockExtent MapPart(long offset, long length, bool isWrite)
    {
        int index = (int)(offset / Reach);
        ClusterPlace place = default;
        if (Top[index] != 0)
        {
            if (!_tables.TryGetValue(index, out ulong[]? table))
                return BlockExtent.Unknown;
            place = Decode(table[offset / ClusterSize % TableEntries]);
        }

        return place.Kind switch
        {
            BlockExtentKind.Data when place.CompressedLength == 0 && File.Descriptor >= 0 && IsInside(place.Offset) =>
                new BlockExtent(BlockExtentKind.Data, File.Descriptor, place.Offset + (offset % ClusterSize), length),
            BlockExtentKind.Zero when !isWrite => new BlockExtent(BlockExtentKind.Zero, -1, 0, length),
            BlockExtentKind.Unknown when !isWrite => Parent.Map(_parent, offset, length),
            _ => BlockExtent.Unknown,
        };
    }

    private void ReadCluster(ClusterPlace place, long offset, int within, Span<byte> part)
    {
        switch (place.Kind)
        {
            case BlockExtentKind.Zero:
                part.Clear();
                break;
            case BlockExtentKind.Unknown:
                Parent.Read(_parent, offset, part);
                break;
            default:
                if (place.CompressedLength > 0)
                {
                    Inflate(place).AsSpan(within, part.Length).CopyTo(part);
                    break;
                }

                long at = Checked(place.Offset) + within;
                int there = (int)Math.Clamp(File.Length - at, 0, part.Length);
                File.Read(at, part[..there]);
                part[there..].Clear();
                break;
        }
    }

    protected override void WritePart(long offset, int within, ReadOnlySpan<byte> part)
    {
        if (!IsWritable)
            throw new IOException($"{File.Path} is open for reading only.");
        int index = (int)(offset / Reach);
        ulong[] table = TableForWriting(index);
        ref ulong entry = ref table[offset / ClusterSize % TableEntries];
        ClusterPlace place = Decode(entry);
        if (place is { Kind: BlockExtentKind.Data, CompressedLength: 0 })
        {
            File.Write(Checked(place.Offset) + within, part);
            return;
        }

        byte[] cluster = new byte[ClusterSize];
        if (part.Length < ClusterSize)
            ReadCluster(place, offset - within, 0, cluster);
        part.CopyTo(cluster.AsSpan(within));
        long target = TakeRoom(ClusterSize);
        File.Write(target, cluster);
        entry = Encode(target);
        _dirtyTables.Add(index);
    }

    private ulong[] Table(int index)
    {
        if (_tables.TryGetValue(index, out ulong[]? table))
            return table;
        if (_tables.Count >= MostTables)
        {
            if (_dirtyTables.Count > 0)
                FlushLocked();
            _tables.Clear();
        }

        return _tables[index] = ReadTable(index);
    }

    private ulong[] TableForWriting(int index)
    {
        if (Top[index] != 0)
            return Table(index);
        AddTable(index);
        _dirtyTop.Add(index);
        _dirtyTables.Add(index);
        return _tables[index] = new ulong[TableEntries];
    }

    protected override void FlushLocked()
    {
        File.Flush();
        if (_dirtyTables.Count > 0)
        {
            foreach (int index in _dirtyTables)
                WriteTable(index, _tables[index]);
            File.Flush();
        }

        if (_dirtyTop.Count > 0)
        {
            WriteTop(_dirtyTop);
            File.Flush();
        }

        // Only now that all has succeeded: after a failure everything is written again.
        _dirtyTables.Clear();
        _dirtyTop.Clear();
    }

    private byte[] Inflate(ClusterPlace place)
    {
        byte[] compressed = new byte[(int)Math.Clamp(File.Length - place.Offset, 0, place.CompressedLength)];
        File.Read(place.Offset, compressed);
        byte[] cluster = new byte[ClusterSize];
        try
        {
            using DeflateStream stream = new(new MemoryStream(compressed), CompressionMode.Decompress);
            stream.ReadExactly(cluster);
            return cluster;
        }
        catch (Exception wrong) when (wrong is InvalidDataException or EndOfStreamException)
        {
            throw new IOException($"{File.Path}: the compressed cluster at 0x{place.Offset:x} is damaged.", wrong);
        }
    }

    private bool IsInside(long place) => place > 0 && place <= _end - ClusterSize;

    private long Checked(long place) =>
        IsInside(place) ? place : throw new IOException($"{File.Path}: a cluster of data lies at 0x{place:x}, outside the file.");
}
