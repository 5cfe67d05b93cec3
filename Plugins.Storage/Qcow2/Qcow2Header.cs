using System.Buffers.Binary;
using System.Text;
using Hospes.Sdk.Storage;

namespace Hospes.Storage.Qcow2;

/// <summary>
/// The header of a qcow2 image (the format's public description, "Header"), big-endian: magic, version, backing_file_offset u64 @8, backing_file_size
/// @16, cluster_bits @20, size u64 @24, crypt_method @32, l1_size @36, l1_table_offset u64 @40, refcount_table_offset u64 @48,
/// refcount_table_clusters @56, nb_snapshots @60, snapshots_offset u64 @64; version 3: incompatible, compatible, autoclear features u64 @72, @80, @88,
/// refcount_order @96, header_length @100, compression_type u8 @104; then extensions: u32 type, u32 length, data padded to 8.
/// </summary>
internal sealed record Qcow2Header
{
    public const uint Magic = 0x514649fb;
    public const int Version3Length = 104;
    public const ulong DirtyFeature = 1;
    public const ulong CorruptFeature = 2;
    private const ulong ExternalDataFeature = 4;
    private const ulong CompressionFeature = 8;
    private const ulong ExtendedEntriesFeature = 16;
    private const uint FormatExtension = 0xe2792aca;
    private const uint ExtensionEnd = 0;
    private const int MostL1Entries = 4 << 20;
    private const int MostTableBytes = 8 << 20;
    private const int LongestName = 1023;

    public required int Version { get; init; }

    public required int ClusterBits { get; init; }

    /// <summary>Bytes of the disk.</summary>
    public required long Length { get; init; }

    public required int L1Entries { get; init; }

    public required long L1Offset { get; init; }

    public required long RefcountTableOffset { get; init; }

    public required int RefcountTableClusters { get; init; }

    public int Snapshots { get; init; }

    public long SnapshotsOffset { get; init; }

    public ulong Incompatible { get; init; }

    public int RefcountOrder { get; init; } = 4;

    public string? Backing { get; init; }

    public string? BackingFormat { get; init; }

    public int ClusterSize => 1 << ClusterBits;

    public int L2Entries => ClusterSize / sizeof(ulong);

    /// <summary>Bytes of the disk behind one L1 entry.</summary>
    public long L2Reach => (long)ClusterSize * L2Entries;

    /// <summary>True when a file begins as such an image does.</summary>
    public static bool Recognises(IBlockFile file)
    {
        if (file.Length < 72)
            return false;
        Span<byte> start = stackalloc byte[8];
        file.Read(0, start);
        return BinaryPrimitives.ReadUInt32BigEndian(start) == Magic && BinaryPrimitives.ReadUInt32BigEndian(start[4..]) >= 2;
    }

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="IOException">It is none, is damaged, or needs something that is not known here.</exception>
    public static Qcow2Header Read(IBlockFile file)
    {
        byte[] bytes = new byte[(int)Math.Min(file.Length, 1 << 16)];
        file.Read(0, bytes);
        if (bytes.Length < 72 || Word(bytes, 0) != Magic)
            throw Fault(file, "it is no qcow2 image");
        int version = (int)Word(bytes, 4);
        if (version is not (2 or 3) || (version == 3 && bytes.Length < Version3Length))
            throw Fault(file, $"its version is {version}; 2 and 3 are known");
        uint clusterBits = Word(bytes, 20);
        if (clusterBits is < 9 or > 21)
            throw Fault(file, $"its clusters have 2^{clusterBits} bytes; 2^9 to 2^21 are allowed");
        if (Word(bytes, 32) != 0)
            throw Fault(file, "it is encrypted, and no key can be given");
        ulong incompatible = version == 3 ? Long(bytes, 72) : 0;
        Require(file, bytes, incompatible);
        Qcow2Header header = new()
        {
            Version = version,
            ClusterBits = (int)clusterBits,
            Length = (long)Long(bytes, 24),
            L1Entries = (int)Math.Min(Word(bytes, 36), int.MaxValue),
            L1Offset = (long)Long(bytes, 40),
            RefcountTableOffset = (long)Long(bytes, 48),
            RefcountTableClusters = (int)Math.Min(Word(bytes, 56), int.MaxValue),
            Snapshots = (int)Math.Min(Word(bytes, 60), int.MaxValue),
            SnapshotsOffset = (long)Long(bytes, 64),
            Incompatible = incompatible,
            RefcountOrder = version == 3 ? (int)Math.Min(Word(bytes, 96), 99) : 4,
        };
        header.CheckPlaces(file);
        return header with { Backing = ReadBacking(file, bytes), BackingFormat = ReadBackingFormat(bytes, version) };
    }

    /// <summary>The header of a new image, version 3, as it stands in the first cluster.</summary>
    public byte[] Bytes()
    {
        byte[] bytes = new byte[ClusterSize];
        byte[] name = Encoding.UTF8.GetBytes(Backing ?? "");
        byte[] format = Encoding.UTF8.GetBytes(BackingFormat ?? "");
        int at = Version3Length;
        if (format.Length > 0)
        {
            PutWord(bytes, at, FormatExtension);
            PutWord(bytes, at + 4, (uint)format.Length);
            format.CopyTo(bytes, at + 8);
            at += 8 + ((format.Length + 7) & ~7);
        }

        at += 8; // the end of the extensions
        if (name.Length > LongestName || at + name.Length > ClusterSize)
            throw new FormatException($"The parent's path has {name.Length} bytes; {Math.Min(LongestName, ClusterSize - at)} have room.");
        name.CopyTo(bytes, at);
        PutWord(bytes, 0, Magic);
        PutWord(bytes, 4, 3);
        PutLong(bytes, 8, name.Length == 0 ? 0 : (ulong)at);
        PutWord(bytes, 16, (uint)name.Length);
        PutWord(bytes, 20, (uint)ClusterBits);
        PutLong(bytes, 24, (ulong)Length);
        PutWord(bytes, 36, (uint)L1Entries);
        PutLong(bytes, 40, (ulong)L1Offset);
        PutLong(bytes, 48, (ulong)RefcountTableOffset);
        PutWord(bytes, 56, (uint)RefcountTableClusters);
        PutWord(bytes, 96, (uint)RefcountOrder);
        PutWord(bytes, 100, Version3Length);
        return bytes;
    }

    public static IOException Fault(IBlockFile file, string what) => new($"{file.Path}: {what}.");

    private static void Require(IBlockFile file, byte[] bytes, ulong incompatible)
    {
        const ulong known = DirtyFeature | CorruptFeature | CompressionFeature;
        if ((incompatible & ExternalDataFeature) != 0)
            throw Fault(file, "its data are in another file, which is not supported");
        if ((incompatible & ExtendedEntriesFeature) != 0)
            throw Fault(file, "it has subclusters, which are not supported");
        if ((incompatible & ~known) != 0)
            throw Fault(file, $"it needs features that are not known here (0x{incompatible & ~known:x})");
        if ((incompatible & CompressionFeature) != 0 && bytes.Length > 104 && bytes[104] != 0)
            throw Fault(file, "it is compressed by another method than deflate, which is not supported");
    }

    private void CheckPlaces(IBlockFile file)
    {
        long end = file.Length;
        if (Length < 0)
            throw Fault(file, $"its size is 0x{(ulong)Length:x} bytes, which no disk has");
        if (L1Entries > MostL1Entries)
            throw Fault(file, $"its L1 table has {L1Entries} entries; at most {MostL1Entries} are allowed");
        if (Length > 0 && (Length - 1) / L2Reach >= L1Entries)
            throw Fault(file, $"its L1 table has {L1Entries} entries, too few for {Length} bytes");
        if (L1Entries > 0 && !IsPlace(L1Offset, (long)L1Entries * sizeof(ulong), end))
            throw Fault(file, $"its L1 table lies at 0x{L1Offset:x}, outside the file or across clusters");
        if (RefcountOrder > 6)
            throw Fault(file, $"its reference counts have 2^{RefcountOrder} bits; at most 2^6 are allowed");
        if (RefcountTableClusters == 0 || (long)RefcountTableClusters << ClusterBits > MostTableBytes
            || !IsPlace(RefcountTableOffset, (long)RefcountTableClusters << ClusterBits, end))
        {
            throw Fault(file, $"its reference count table, {RefcountTableClusters} clusters at 0x{RefcountTableOffset:x}, lies outside the file or is too large");
        }
    }

    private bool IsPlace(long offset, long length, long end) => offset > 0 && offset % ClusterSize == 0 && offset <= end - length;

    private static string? ReadBacking(IBlockFile file, byte[] bytes)
    {
        ulong offset = Long(bytes, 8);
        uint length = Word(bytes, 16);
        if (offset == 0 || length == 0)
            return null;
        if (length > LongestName || offset > (ulong)bytes.Length - length)
            throw Fault(file, "the name of its parent lies outside the first cluster");
        return Encoding.UTF8.GetString(bytes, (int)offset, (int)length);
    }

    private static string? ReadBackingFormat(byte[] bytes, int version)
    {
        int at = version == 3 ? (int)Math.Min(Word(bytes, 100), (uint)bytes.Length) : 72;
        while (at + 8 <= bytes.Length)
        {
            uint type = Word(bytes, at);
            uint length = Word(bytes, at + 4);
            if (type == ExtensionEnd || length > (uint)(bytes.Length - at - 8))
                return null;
            if (type == FormatExtension)
                return Encoding.UTF8.GetString(bytes, at + 8, (int)length);
            at += 8 + (int)((length + 7) & ~7u);
        }

        return null;
    }

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    private static ulong Long(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at));

    private static void PutWord(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);

    private static void PutLong(byte[] bytes, int at, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at), value);
}
