using System.Globalization;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow;

/// <summary>qcow for chains and tools.</summary>
internal sealed class QcowFormat : ImageFormat
{
    private const int TableAlignment = 4096;

    public override string Format => "qcow";

    public override bool Recognises(IBlockFile file) => QcowHeader.Recognises(file);

    public override (string Path, string? Format)? Parent(IBlockFile file) => QcowHeader.Read(file).Backing is { } path ? (path, null) : null;

    public override IBlockImage Open(IBlockFile file, IBlockImage? parent, bool isWritable) => new QcowImage(file, parent, isWritable);

    public override void Create(IBlockFile file, ImageOptions options)
    {
        // Small clusters over a parent, as qcow-create chooses (fact sheet "Storage", section 7.1).
        (int clusterBits, int l2Bits) = options.Backing is null ? (12, 9) : (9, 12);
        if (options.ClusterSize != 0 && options.ClusterSize != 1 << clusterBits)
            throw new FormatException($"A qcow image has clusters of 4096 bytes, and over a parent of 512, not {options.ClusterSize}.");
        if (options.Length < 512 || options.Length > 1L << 43)
            throw new FormatException($"A qcow image of {options.Length} bytes is not possible; it has 512 bytes to 8 TiB.");
        QcowHeader header = new() { Length = options.Length, ClusterBits = clusterBits, L2Bits = l2Bits, L1Offset = TableAlignment, Backing = options.Backing };
        file.SetLength(0);
        file.Write(0, header.Write());
        long end = TableAlignment + ((long)header.L1Entries * sizeof(ulong));
        file.SetLength((end + TableAlignment - 1) / TableAlignment * TableAlignment);
        file.Flush();
        if (!options.IsPreallocated)
            return;
        using QcowImage image = new(new BorrowedFile(file), null, isWritable: true);
        byte[] zeroes = new byte[1 << clusterBits];
        for (long at = 0; at < image.Length; at += zeroes.Length)
            image.Write(at, zeroes.AsSpan(0, (int)Math.Min(zeroes.Length, image.Length - at)));
        image.Flush();
    }

    public override IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file)
    {
        QcowHeader header = QcowHeader.Read(file);
        List<KeyValuePair<string, string>> lines =
        [
            new("virtual size", header.Length.ToString(CultureInfo.InvariantCulture)),
            new("cluster size", (1 << header.ClusterBits).ToString(CultureInfo.InvariantCulture)),
        ];
        if (header.Backing is not null)
            lines.Add(new("parent", header.Backing));
        return lines;
    }

    public override ImageCheck Check(IBlockFile file, bool repair)
    {
        QcowHeader header = QcowHeader.Read(file);
        PlaceCheck check = new(file);
        check.Use(0, header.L1Offset + ((long)header.L1Entries * sizeof(ulong)), "the header and the L1 table");
        ulong[] top = BigEndian.Read(file, header.L1Offset, header.L1Entries);
        for (int index = 0; index < top.Length; index++)
        {
            long place = (long)(header.IsL1Swapped ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(top[index]) : top[index]);
            int bytes = sizeof(ulong) << header.L2Bits;
            if (place == 0 || !check.Use(place, bytes, $"L2 table {index}"))
                continue;
            foreach (ulong entry in BigEndian.Read(file, place, 1 << header.L2Bits))
            {
                // Compressed clusters may share a sector; they are not looked at.
                if (entry != 0 && entry >> 63 == 0)
                    check.Use((long)entry, 1 << header.ClusterBits, $"a cluster of L2 table {index}");
            }
        }

        return check.Result();
    }

    public override void Resize(IBlockFile file, long length) => throw new IOException($"{file.Path}: a qcow image's tables have a fixed place; convert it to a larger one.");
}
