namespace Hospes.TestKit.Storage;

/// <summary>
/// What a disk may hold, sector by sector, while writes are not known to be safe: its content at the last flush, or anything written since.
/// Sectors are filled with numbers that never repeat, so each says which write it is of.
/// </summary>
public sealed class DiskModel(long sectors)
{
    /// <summary>Bytes in a sector.</summary>
    public const int Sector = 512;

    private readonly ulong[] _now = new ulong[sectors];
    private readonly List<ulong>[] _possible = [.. Enumerable.Range(0, (int)sectors).Select(static _ => new List<ulong> { 0 })];
    private ulong _next = 1;

    /// <summary>Sectors.</summary>
    public long Sectors => sectors;

    /// <summary>A sector's number now.</summary>
    public ulong this[long sector] => _now[sector];

    /// <summary>Fills sectors with new numbers, and answers the bytes.</summary>
    public byte[] Write(long first, int count)
    {
        byte[] bytes = new byte[count * Sector];
        for (int index = 0; index < count; index++)
        {
            ulong number = _next++;
            Fill(bytes.AsSpan(index * Sector, Sector), number);
            _now[first + index] = number;
            _possible[first + index].Add(number);
        }

        return bytes;
    }

    /// <summary>A write failed: its sectors hold what they held, or what was written.</summary>
    public void Failed(long first, int count)
    {
        for (int index = 0; index < count; index++)
            _now[first + index] = ulong.MaxValue;
    }

    /// <summary>What there is now is safe.</summary>
    public void Flush()
    {
        for (long sector = 0; sector < sectors; sector++)
        {
            if (_now[sector] == ulong.MaxValue)
                continue;
            _possible[sector].Clear();
            _possible[sector].Add(_now[sector]);
        }
    }

    /// <summary>The possibilities at this moment.</summary>
    public IReadOnlyList<ulong[]> Snapshot() => [.. _possible.Select(static numbers => numbers.ToArray())];

    /// <summary>The number that a sector holds; a sector that is not of one write has none.</summary>
    public static ulong? Number(ReadOnlySpan<byte> sector)
    {
        ulong number = BitConverter.ToUInt64(sector);
        Span<byte> whole = stackalloc byte[Sector];
        Fill(whole, number);
        return sector.SequenceEqual(whole) ? number : null;
    }

    private static void Fill(Span<byte> sector, ulong number)
    {
        for (int at = 0; at < sector.Length; at += sizeof(ulong))
            BitConverter.TryWriteBytes(sector[at..], number);
    }
}
