using System.Buffers.Binary;
using System.Numerics;

namespace Hospes.Host.Xenstore.Journal;

/// <summary>
/// Records one after the other in a file: u32 length, u32 CRC-32C of what follows, then that many bytes; little-endian. The first that is cut short or
/// damaged ends what can be read: it is the one that a power cut has met.
/// </summary>
internal static class JournalRecords
{
    /// <summary>Bytes before a record's own.</summary>
    public const int HeaderSize = 8;

    /// <summary>Fills in the header of a record whose bytes stand behind room for it.</summary>
    public static void Seal(Span<byte> record)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(record.Length - HeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(record[HeaderSize..]));
    }

    /// <summary>Takes the next whole record off the front; false: there is none.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> file, out ReadOnlyMemory<byte> record)
    {
        record = default;
        if (file.Length < HeaderSize)
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(file.Span);
        if (length == 0 || length > file.Length - HeaderSize)
            return false;
        ReadOnlyMemory<byte> found = file.Slice(HeaderSize, (int)length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.Span[4..]) != Checksum(found.Span))
            return false;
        record = found;
        file = file[(HeaderSize + (int)length)..];
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            checksum = BitOperations.Crc32C(checksum, value);
        return ~checksum;
    }
}
