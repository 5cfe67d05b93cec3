using System.Buffers.Binary;
using Hospes.Sdk.Storage;

namespace Hospes.Host.BootLoader;

/// <summary>Where a disk's partitions are: of a PC's table, extended ones followed, or of a GUID table (UEFI specification, section 5.3).</summary>
internal static class PartitionTable
{
    private const int Sector = 512;
    private const int MostPartitions = 128;
    private const byte ProtectiveType = 0xee;

    /// <summary>The whole disk first, which may itself be a file system, then its partitions.</summary>
    public static IEnumerable<DiskSlice> Slices(IBlockImage disk)
    {
        yield return new DiskSlice(disk, 0, disk.Length);
        byte[] first = ReadSector(disk, 0);
        if (first[510] != 0x55 || first[511] != 0xaa)
            yield break;
        if (first[446 + 4] == ProtectiveType)
        {
            foreach (DiskSlice slice in Guid(disk))
                yield return slice;
            yield break;
        }

        for (int entry = 0; entry < 4; entry++)
        {
            (byte type, long start, long count) = Entry(first, entry);
            if (type is 5 or 0xf or 0x85)
            {
                foreach (DiskSlice slice in Extended(disk, start))
                    yield return slice;
            }
            else if (type != 0 && Slice(disk, start, count) is { } slice)
            {
                yield return slice;
            }
        }
    }

    private static IEnumerable<DiskSlice> Extended(IBlockImage disk, long begin)
    {
        long at = begin;
        for (int link = 0; link < MostPartitions && at > 0 && at < disk.Length / Sector; link++)
        {
            byte[] table = ReadSector(disk, at);
            if (table[510] != 0x55 || table[511] != 0xaa)
                yield break;
            (_, long start, long count) = Entry(table, 0);
            if (Slice(disk, at + start, count) is { } slice)
                yield return slice;
            (byte type, long next, _) = Entry(table, 1);
            if (type == 0)
                yield break;
            at = begin + next;
        }
    }

    private static IEnumerable<DiskSlice> Guid(IBlockImage disk)
    {
        byte[] header = ReadSector(disk, 1);
        if (!header.AsSpan(0, 8).SequenceEqual("EFI PART"u8))
            yield break;
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(72));
        uint count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80)), MostPartitions);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
        if (size is < 128 or > 4096 || table >= (ulong)disk.Length / Sector)
            yield break;
        byte[] entry = new byte[128];
        for (uint index = 0; index < count; index++)
        {
            long at = ((long)table * Sector) + (index * size);
            if (at > disk.Length - entry.Length)
                yield break;
            disk.Read(at, entry);
            ulong start = BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(32));
            ulong end = BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(40));
            if (entry.AsSpan(0, 16).ContainsAnyExcept((byte)0) && end >= start && end < (ulong)disk.Length / Sector
                && Slice(disk, (long)start, (long)(end - start + 1)) is { } slice)
            {
                yield return slice;
            }
        }
    }

    private static (byte Type, long Start, long Count) Entry(byte[] table, int entry)
    {
        ReadOnlySpan<byte> bytes = table.AsSpan(446 + (entry * 16), 16);
        return (bytes[4], BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
    }

    private static DiskSlice? Slice(IBlockImage disk, long start, long count) =>
        start > 0 && count > 0 && start <= (disk.Length / Sector) - count ? new DiskSlice(disk, start * Sector, count * Sector) : null;

    private static byte[] ReadSector(IBlockImage disk, long sector)
    {
        byte[] bytes = new byte[Sector];
        if (sector >= 0 && (sector + 1) * Sector <= disk.Length)
            disk.Read(sector * Sector, bytes);
        return bytes;
    }
}
