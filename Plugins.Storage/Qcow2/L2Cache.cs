using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary>The L2 tables in use, the longest unused ones dropped. Its caller holds the image's lock.</summary>
internal sealed class L2Cache(IBlockFile file, Qcow2Header header)
{
    // Tables of 64 KiB reach 512 MiB each.
    private const int MostBytes = 2 << 20;

    private readonly Dictionary<int, L2Table> _tables = [];
    private long _clock;

    /// <summary>A table is to be dropped before the next is read.</summary>
    public bool IsFull => _tables.Count >= Math.Max(8, MostBytes / header.ClusterSize);

    /// <summary>Tables with changes.</summary>
    public IEnumerable<L2Table> Dirty => _tables.Values.Where(static table => table.IsDirty);

    /// <summary>A table that is here, or null.</summary>
    public L2Table? Find(int index)
    {
        if (!_tables.TryGetValue(index, out L2Table? table))
            return null;
        table.LastUse = ++_clock;
        return table;
    }

    /// <summary>Reads a table.</summary>
    public L2Table Read(int index, long offset)
    {
        if (offset % header.ClusterSize != 0 || offset > file.Length - header.ClusterSize)
            throw Qcow2Header.Fault(file, $"its L2 table {index} lies at 0x{offset:x}, outside the file or across clusters");
        return Add(index, offset, BigEndian.Read(file, offset, header.L2Entries));
    }

    /// <summary>Keeps a table, new or copied.</summary>
    public L2Table Add(int index, long offset, ulong[] entries) =>
        _tables[index] = new L2Table(index, offset, entries) { LastUse = ++_clock };

    /// <summary>Drops the table longest unused, which must have no changes.</summary>
    public void DropOldest() => _tables.Remove(_tables.Values.MinBy(static table => table.LastUse)!.Index);

    /// <summary>Writes a table.</summary>
    public void Write(L2Table table)
    {
        file.Write(table.Offset, BigEndian.Bytes(table.Entries));
        table.IsDirty = false;
    }
}
