using System.Buffers.Binary;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary>
/// How often each cluster of the file is used (the format's description, "Host cluster management"), and the taking of new ones, always at the end of
/// the file. Changes stay in memory until <see cref="Write"/>. Its caller holds the image's lock.
/// </summary>
internal sealed class Refcounts
{
    private readonly IBlockFile _file;
    private readonly Qcow2Header _header;
    private readonly int _bits;
    private readonly long _perBlock;
    private readonly Dictionary<int, byte[]> _blocks = [];
    private readonly HashSet<int> _dirtyBlocks = [];
    private readonly HashSet<int> _dirtyEntries = [];
    private readonly List<long> _later = [];
    private ulong[] _table;
    private long _tableOffset;
    private bool _tableMoved;

    public Refcounts(IBlockFile file, Qcow2Header header)
    {
        _file = file;
        _header = header;
        _bits = 1 << header.RefcountOrder;
        _perBlock = (long)header.ClusterSize * 8 / _bits;
        _tableOffset = header.RefcountTableOffset;
        _table = BigEndian.Read(file, _tableOffset, (int)(((long)header.RefcountTableClusters << header.ClusterBits) / sizeof(ulong)));
        End = (file.Length + header.ClusterSize - 1) / header.ClusterSize * header.ClusterSize;
    }

    /// <summary>Where the next cluster is taken.</summary>
    public long End { get; private set; }

    /// <summary>There is something to write.</summary>
    public bool IsDirty => _dirtyBlocks.Count > 0 || _dirtyEntries.Count > 0 || _tableMoved;

    /// <summary>Clusters that the table can count.</summary>
    public long Reach => _table.Length * _perBlock;

    /// <summary>Takes clusters that lie side by side.</summary>
    public long Take(int clusters)
    {
        long at = End;
        End = checked(End + ((long)clusters * _header.ClusterSize));
        for (int cluster = 0; cluster < clusters; cluster++)
            Set((at / _header.ClusterSize) + cluster, 1);
        return at;
    }

    /// <summary>A cluster is used once less.</summary>
    public void Release(long offset)
    {
        long cluster = offset / _header.ClusterSize;
        if (Get(cluster) is > 0 and ulong count)
            Set(cluster, count - 1);
    }

    /// <summary>How often a cluster is used.</summary>
    public ulong Get(long cluster)
    {
        long index = cluster / _perBlock;
        if (index >= _table.Length || _table[index] == 0)
            return 0;
        return ReadCount(Block((int)index), cluster % _perBlock);
    }

    /// <summary>Says how often a cluster is used.</summary>
    public void Set(long cluster, ulong count)
    {
        long index = cluster / _perBlock;
        if (index >= _table.Length)
            Grow(index + 1);
        if (_table[index] == 0)
        {
            long at = End;
            End += _header.ClusterSize;
            _table[index] = (ulong)at;
            _dirtyEntries.Add((int)index);
            _blocks[(int)index] = new byte[_header.ClusterSize];
            _dirtyBlocks.Add((int)index);
            Set(at / _header.ClusterSize, 1);
        }

        WriteCount(Block((int)index), cluster % _perBlock, count);
        _dirtyBlocks.Add((int)index);
    }

    /// <summary>The places of the table and of its blocks, for a check.</summary>
    public IEnumerable<(long Offset, string What)> Places()
    {
        for (long at = 0; at < _table.Length * sizeof(ulong); at += _header.ClusterSize)
            yield return (_tableOffset + at, "the reference count table");
        for (int index = 0; index < _table.Length; index++)
        {
            if (_table[index] != 0)
                yield return ((long)_table[index], $"reference count block {index}");
        }
    }

    /// <summary>Writes what has changed: the counts before what points to them, so that at no moment a cluster in use counts as free.</summary>
    public void Write()
    {
        foreach (int index in _dirtyBlocks)
            _file.Write((long)_table[index], _blocks[index]);
        if (_tableMoved)
        {
            _file.Write(_tableOffset, BigEndian.Bytes(_table));
            _file.Flush();
            Span<byte> place = stackalloc byte[12];
            BinaryPrimitives.WriteUInt64BigEndian(place, (ulong)_tableOffset);
            BinaryPrimitives.WriteUInt32BigEndian(place[8..], (uint)(_table.Length * sizeof(ulong) / _header.ClusterSize));
            _file.Write(48, place);
        }
        else if (_dirtyEntries.Count > 0)
        {
            _file.Flush();
            foreach (int index in _dirtyEntries)
                BigEndian.Write(_file, _tableOffset + ((long)index * sizeof(ulong)), _table[index]);
        }

        _tableMoved = false;
        _dirtyBlocks.Clear();
        _dirtyEntries.Clear();
        foreach (long offset in _later)
            Release(offset); // written the next time: until then they count as used, which costs room and nothing else
        _later.Clear();
    }

    private byte[] Block(int index)
    {
        if (_blocks.TryGetValue(index, out byte[]? block))
            return block;
        ulong at = _table[index];
        if (at % (ulong)_header.ClusterSize != 0 || at > (ulong)(End - _header.ClusterSize))
            throw Qcow2Header.Fault(_file, $"its reference count block {index} lies at 0x{at:x}, outside the file or across clusters");
        block = new byte[_header.ClusterSize];
        int there = (int)Math.Clamp(_file.Length - (long)at, 0, block.Length);
        _file.Read((long)at, block.AsSpan(0, there));
        _blocks[index] = block;
        return block;
    }

    // The table moves to the end of the file, twice as large; its old clusters are free afterwards.
    private void Grow(long needed)
    {
        int perCluster = _header.ClusterSize / sizeof(ulong);
        long entries = Math.Max(_table.Length * 2L, (needed + perCluster) / perCluster * perCluster);
        if (entries * sizeof(ulong) > int.MaxValue)
            throw Qcow2Header.Fault(_file, "its reference count table would be too large");
        long oldOffset = _tableOffset;
        int oldClusters = _table.Length / perCluster;
        Array.Resize(ref _table, (int)entries);
        _tableOffset = End;
        _tableMoved = true;
        int clusters = (int)entries / perCluster;
        End += (long)clusters * _header.ClusterSize;
        for (int cluster = 0; cluster < clusters; cluster++)
            Set((_tableOffset / _header.ClusterSize) + cluster, 1);
        for (int cluster = 0; cluster < oldClusters; cluster++)
            _later.Add(oldOffset + ((long)cluster * _header.ClusterSize));
    }

    private ulong ReadCount(byte[] block, long index) => _bits switch
    {
        8 => block[index],
        16 => BinaryPrimitives.ReadUInt16BigEndian(block.AsSpan((int)index * 2)),
        32 => BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan((int)index * 4)),
        64 => BinaryPrimitives.ReadUInt64BigEndian(block.AsSpan((int)index * 8)),
        _ => (ulong)(block[index * _bits / 8] >> (int)(index * _bits % 8)) & ((1UL << _bits) - 1),
    };

    private void WriteCount(byte[] block, long index, ulong count)
    {
        if (_bits < 64 && count >> _bits != 0)
            throw Qcow2Header.Fault(_file, $"a cluster would be used {count} times, more than {_bits} bits can say");
        switch (_bits)
        {
            case 8:
                block[index] = (byte)count;
                break;
            case 16:
                BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan((int)index * 2), (ushort)count);
                break;
            case 32:
                BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan((int)index * 4), (uint)count);
                break;
            case 64:
                BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan((int)index * 8), count);
                break;
            default:
                int shift = (int)(index * _bits % 8);
                int mask = ((1 << _bits) - 1) << shift;
                ref byte cell = ref block[index * _bits / 8];
                cell = (byte)((cell & ~mask) | ((int)count << shift));
                break;
        }
    }
}
