using System.Buffers.Binary;

namespace Hospes.Storage.Formats;

/// <summary>Tables of big-endian 64-bit numbers.</summary>
internal static class BigEndian
{
    /// <summary>Reads a table from a file.</summary>
    public static ulong[] Read(Hospes.Sdk.Storage.IBlockFile file, long offset, int entries)
    {
        byte[] bytes = new byte[entries * sizeof(ulong)];
        file.Read(offset, bytes);
        return Parse(bytes);
    }

    /// <summary>Numbers from bytes.</summary>
    public static ulong[] Parse(ReadOnlySpan<byte> bytes)
    {
        ulong[] table = new ulong[bytes.Length / sizeof(ulong)];
        for (int index = 0; index < table.Length; index++)
            table[index] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(index * sizeof(ulong))..]);
        return table;
    }

    /// <summary>Bytes of numbers.</summary>
    public static byte[] Bytes(ReadOnlySpan<ulong> table)
    {
        byte[] bytes = new byte[table.Length * sizeof(ulong)];
        for (int index = 0; index < table.Length; index++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(index * sizeof(ulong)), table[index]);
        return bytes;
    }

    /// <summary>Writes one number to a file.</summary>
    public static void Write(Hospes.Sdk.Storage.IBlockFile file, long offset, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        file.Write(offset, bytes);
    }
}
