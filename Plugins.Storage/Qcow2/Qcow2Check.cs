using System.Buffers.Binary;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary>Counts how often each cluster is really used and compares. Repairing sets the counts right and takes the marks of damage away.</summary>
internal sealed class Qcow2Check(IBlockFile file)
{
    private const int MostErrors = 100;
    private const int SnapshotHeader = 40;

    private readonly List<string> _errors = [];
    private readonly Dictionary<long, ulong> _used = [];
    private readonly Qcow2Header _header = Qcow2Header.Read(file);

    public ImageCheck Run(bool repair)
    {
        Refcounts counts = new(file, _header);
        Use(0, "the header");
        foreach ((long offset, string what) in counts.Places())
            Use(offset, what);
        WalkL1(_header.L1Offset, _header.L1Entries, "the active table");
        WalkSnapshots();
        long leaks = 0;
        List<string> wrong = [];
        List<(long Cluster, ulong Count)> repairs = [];
        foreach ((long cluster, ulong used) in _used)
        {
            ulong counted = counts.Get(cluster);
            if (counted == used)
                continue;
            repairs.Add((cluster, used));
            if (counted < used)
            {
                wrong.Add($"cluster {cluster} is used {used} times and counted {counted} times");
            }
            else
            {
                leaks++;
            }
        }

        for (long cluster = 0; cluster < counts.End / _header.ClusterSize; cluster++)
        {
            if (!_used.ContainsKey(cluster) && counts.Get(cluster) != 0)
            {
                leaks++;
                repairs.Add((cluster, 0));
            }
        }

        if (!repair)
            return new ImageCheck([.. _errors, .. wrong.Take(MostErrors)], leaks, 0);
        foreach ((long cluster, ulong count) in repairs)
            counts.Set(cluster, count);
        counts.Write();
        file.Flush();
        if (_header.Version == 3)
        {
            BigEndian.Write(file, 72, _header.Incompatible & ~(Qcow2Header.DirtyFeature | Qcow2Header.CorruptFeature));
            file.Flush();
        }

        return new ImageCheck(_errors, 0, repairs.Count);
    }

    private void WalkL1(long offset, int entries, string what)
    {
        for (long at = 0; at < (long)entries * sizeof(ulong); at += _header.ClusterSize)
            Use(offset + at, what);
        ulong[] table = BigEndian.Read(file, offset, entries);
        for (int index = 0; index < table.Length; index++)
        {
            long place = Qcow2Entry.Offset(table[index]);
            if (place != 0 && Use(place, $"L2 table {index}"))
                WalkL2(index, place);
        }
    }

    private void WalkL2(int index, long offset)
    {
        foreach (ulong entry in BigEndian.Read(file, offset, _header.L2Entries))
        {
            if ((entry & Qcow2Entry.Compressed) != 0)
            {
                (long start, int length) = Qcow2Entry.CompressedPlace(entry, _header.ClusterBits);
                for (long at = start / _header.ClusterSize * _header.ClusterSize; at < start + length; at += _header.ClusterSize)
                    Use(at, $"a compressed cluster of L2 table {index}");
            }
            else if (Qcow2Entry.Offset(entry) is not 0 and long place)
            {
                Use(place, $"a cluster of L2 table {index}");
            }
        }
    }

    // u64 l1 offset, u32 l1 size, u16 id length, u16 name length, 20 bytes of times and sizes, u32 extra length; extra, id, name; padded to 8
    private void WalkSnapshots()
    {
        long at = _header.SnapshotsOffset;
        byte[] head = new byte[SnapshotHeader];
        for (int snapshot = 0; snapshot < _header.Snapshots; snapshot++)
        {
            if (at > file.Length - SnapshotHeader)
            {
                Say($"snapshot {snapshot} lies outside the file");
                return;
            }

            file.Read(at, head);
            long l1 = (long)BinaryPrimitives.ReadUInt64BigEndian(head);
            int entries = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8)), 1 << 22);
            if (l1 <= 0 || l1 > file.Length - ((long)entries * sizeof(ulong)))
                Say($"the table of snapshot {snapshot} lies outside the file");
            else
                WalkL1(l1, entries, $"the table of snapshot {snapshot}");
            long length = SnapshotHeader + BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(12)) + BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(14))
                + BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(36));
            at += (length + 7) & ~7L;
        }

        if (_header.Snapshots > 0)
        {
            for (long cluster = _header.SnapshotsOffset; cluster < at; cluster += _header.ClusterSize)
                Use(cluster, "the list of snapshots");
        }
    }

    private bool Use(long offset, string what)
    {
        if (offset < 0 || offset % _header.ClusterSize != 0 && !what.StartsWith("a compressed", StringComparison.Ordinal) || offset >= file.Length)
        {
            Say($"{what} lies at 0x{offset:x}, outside the file or across clusters");
            return false;
        }

        long cluster = offset / _header.ClusterSize;
        _used[cluster] = _used.GetValueOrDefault(cluster) + 1;
        return true;
    }

    private void Say(string error)
    {
        if (_errors.Count < MostErrors)
            _errors.Add(error);
    }
}
