using System.Buffers.Binary;
using System.Text;

namespace Hospes.Hypervisor.Builders.Acpi;

/// <summary>The header that every ACPI table begins with, and its checksum (ACPI 5.0, section 5.2.6).</summary>
internal static class AcpiTable
{
    /// <summary>Bytes in the header.</summary>
    public const int HeaderSize = 36;

    private const int LengthOffset = 4;
    private const int RevisionOffset = 8;
    private const int ChecksumOffset = 9;

    /// <summary>Completes a table whose bytes after the header are filled in.</summary>
    public static byte[] Finish(byte[] table, string signature, byte revision)
    {
        Encoding.ASCII.GetBytes(signature, table);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(LengthOffset), (uint)table.Length);
        table[RevisionOffset] = revision;
        "Hospes"u8.CopyTo(table.AsSpan(10));
        "HOSPESVM"u8.CopyTo(table.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(24), 1);
        "HSPS"u8.CopyTo(table.AsSpan(28));
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(32), 1);
        table[ChecksumOffset] = Checksum(table);
        return table;
    }

    /// <summary>The byte that makes the sum of all bytes zero, given that it is zero itself now.</summary>
    public static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return (byte)-sum;
    }
}
