using System.Buffers.Binary;
using System.Text;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow;

/// <summary>The header of a qcow image, version 1 (fact sheet "Storage", section 7.1), big-endian.</summary>
internal sealed record QcowHeader
{
    public const int Bytes = 48;
    private const uint Magic = 0x514649fb;
    private const uint XenMagic = 0x58454efb;
    private const uint BigEndianFlag = 2;
    private const int ExtensionBytes = 16;
    private const int LongestName = 1023;
    private const int MostEntries = 4 << 20;

    public required long Length { get; init; }

    public required int ClusterBits { get; init; }

    public required int L2Bits { get; init; }

    public required long L1Offset { get; init; }

    public string? Backing { get; init; }

    /// <summary>Its L1 table is in this machine's byte order, as Xen's tools once wrote it.</summary>
    public bool IsL1Swapped { get; init; }

    /// <summary>It has Xen's extension, whose flag says how the table is.</summary>
    public bool HasExtension { get; init; }

    public int L1Entries => (int)((Length + Reach - 1) / Reach);

    public long Reach => 1L << (ClusterBits + L2Bits);

    public static bool Recognises(IBlockFile file)
    {
        if (file.Length < Bytes)
            return false;
        Span<byte> start = stackalloc byte[8];
        file.Read(0, start);
        return BinaryPrimitives.ReadUInt32BigEndian(start) == Magic && BinaryPrimitives.ReadUInt32BigEndian(start[4..]) == 1;
    }

    public static QcowHeader Read(IBlockFile file)
    {
        if (!Recognises(file))
            throw Fault(file, "it is no qcow image of version 1");
        byte[] bytes = new byte[(int)Math.Min(file.Length, 4096)];
        file.Read(0, bytes);
        int clusterBits = bytes[32];
        int l2Bits = bytes[33];
        long length = (long)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(24));
        if (clusterBits is < 9 or > 16 || l2Bits is < 6 or > 13)
            throw Fault(file, $"its clusters have 2^{clusterBits} bytes and its tables 2^{l2Bits} entries, which is not possible");
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(36)) != 0)
            throw Fault(file, "it is encrypted, and no key can be given");
        QcowHeader header = new()
        {
            Length = length,
            ClusterBits = clusterBits,
            L2Bits = l2Bits,
            L1Offset = (long)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(40)),
        };
        if (length < 0 || length / header.Reach > MostEntries)
            throw Fault(file, $"its size is 0x{(ulong)length:x} bytes, more than its tables can reach");
        if (header.L1Offset < Bytes || header.L1Offset > file.Length - ((long)header.L1Entries * sizeof(ulong)))
            throw Fault(file, $"its L1 table lies at 0x{header.L1Offset:x}, outside the file");
        bool hasExtension = bytes.Length >= Bytes + ExtensionBytes && BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(Bytes)) == XenMagic;
        bool saysBig = hasExtension && (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(Bytes + 12)) & BigEndianFlag) != 0;
        return header with
        {
            Backing = ReadBacking(file, bytes),
            HasExtension = hasExtension,
            IsL1Swapped = hasExtension && !saysBig && LooksSwapped(file, header),
        };
    }

    /// <summary>The first bytes of a new image.</summary>
    public byte[] Write()
    {
        byte[] name = Encoding.UTF8.GetBytes(Backing ?? "");
        if (name.Length > LongestName)
            throw new FormatException($"The parent's path has {name.Length} bytes; {LongestName} have room.");
        byte[] bytes = new byte[Bytes + name.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), name.Length == 0 ? 0 : (ulong)Bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), (uint)name.Length);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), (ulong)Length);
        bytes[32] = (byte)ClusterBits;
        bytes[33] = (byte)L2Bits;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(40), (ulong)L1Offset);
        name.CopyTo(bytes, Bytes);
        return bytes;
    }

    /// <summary>Says in Xen's extension that the table is big-endian now.</summary>
    public static void MarkBigEndian(IBlockFile file)
    {
        byte[] flags = new byte[4];
        file.Read(Bytes + 12, flags);
        BinaryPrimitives.WriteUInt32BigEndian(flags, BinaryPrimitives.ReadUInt32BigEndian(flags) | BigEndianFlag);
        file.Write(Bytes + 12, flags);
    }

    public static IOException Fault(IBlockFile file, string what) => new($"{file.Path}: {what}.");

    private static string? ReadBacking(IBlockFile file, byte[] bytes)
    {
        ulong offset = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(16));
        if (offset == 0 || length == 0)
            return null;
        if (length > LongestName || offset > (ulong)bytes.Length - Math.Min(length, (uint)bytes.Length))
            throw Fault(file, "the name of its parent lies outside the header");
        return Encoding.UTF8.GetString(bytes, (int)offset, (int)length).TrimEnd('\0');
    }

    // Every place in the table is impossible as it stands, and possible the other way round.
    private static bool LooksSwapped(IBlockFile file, QcowHeader header)
    {
        bool any = false;
        foreach (ulong entry in BigEndian.Read(file, header.L1Offset, header.L1Entries))
        {
            if (entry == 0)
                continue;
            any = true;
            if (entry < (ulong)file.Length || BinaryPrimitives.ReverseEndianness(entry) >= (ulong)file.Length)
                return false;
        }

        return any;
    }
}
