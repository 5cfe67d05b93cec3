using System.Globalization;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary>qcow2 for chains and tools.</summary>
internal sealed class Qcow2Format : ImageFormat
{
    private const int DefaultClusterSize = 1 << 16;

    public override string Format => "qcow2";

    public override bool Recognises(IBlockFile file) => Qcow2Header.Recognises(file);

    public override (string Path, string? Format)? Parent(IBlockFile file) =>
        Qcow2Header.Read(file) is { Backing: { } path } header ? (path, header.BackingFormat) : null;

    public override IBlockImage Open(IBlockFile file, IBlockImage? parent, bool isWritable) => new Qcow2Image(file, parent, isWritable);

    public override void Create(IBlockFile file, ImageOptions options)
    {
        int size = options.ClusterSize == 0 ? DefaultClusterSize : options.ClusterSize;
        if (!int.IsPow2(size) || size is < 512 or > 2 << 20)
            throw new FormatException($"A cluster of {size} bytes is not possible: it is a power of two from 512 to 2097152.");
        Qcow2Header header = Plan(options, int.Log2(size));
        file.SetLength(0);
        file.Write(0, header.Bytes());

        // The counts are made by those who keep them: an image whose table counts nothing yet, and then all that it has.
        file.Write(header.RefcountTableOffset, new byte[header.RefcountTableClusters * size]);
        file.SetLength(header.L1Offset + ((((long)header.L1Entries * sizeof(ulong)) + size - 1) / size * size));
        Refcounts counts = new(file, header);
        for (long cluster = 0, end = counts.End / size; cluster < end; cluster++)
            counts.Set(cluster, 1);
        counts.Write();
        file.Flush();
        if (options.IsPreallocated)
            Preallocate(file, size);
    }

    public override IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file)
    {
        Qcow2Header header = Qcow2Header.Read(file);
        List<KeyValuePair<string, string>> lines =
        [
            new("virtual size", header.Length.ToString(CultureInfo.InvariantCulture)),
            new("cluster size", header.ClusterSize.ToString(CultureInfo.InvariantCulture)),
            new("version", header.Version.ToString(CultureInfo.InvariantCulture)),
        ];
        if (header.Backing is not null)
            lines.Add(new("parent", header.Backing));
        if (header.BackingFormat is not null)
            lines.Add(new("parent format", header.BackingFormat));
        if (header.Snapshots > 0)
            lines.Add(new("snapshots", header.Snapshots.ToString(CultureInfo.InvariantCulture)));
        return lines;
    }

    public override ImageCheck Check(IBlockFile file, bool repair) => new Qcow2Check(file).Run(repair);

    public override void Resize(IBlockFile file, long length)
    {
        Qcow2Header header = Qcow2Header.Read(file);
        if (header.Snapshots > 0)
            throw Qcow2Header.Fault(file, "it has snapshots, whose size cannot be changed");
        if (length < header.Length)
            throw Qcow2Header.Fault(file, "a qcow2 image cannot be made smaller; convert it to a smaller one");
        long needed = Math.Max(1, (length + header.L2Reach - 1) / header.L2Reach);
        if (needed > header.L1Entries)
            header = MoveL1(file, header, (int)Math.Min(needed, int.MaxValue));
        BigEndian.Write(file, 24, (ulong)length);
        file.Flush();
    }

    private static Qcow2Header Plan(ImageOptions options, int bits)
    {
        long size = 1L << bits;
        long reach = size * (size / sizeof(ulong));
        long l1 = Math.Max(1, (options.Length + reach - 1) / reach);
        const int most = 4 << 20;
        if (options.Length < 512 || l1 > most)
            throw new FormatException($"An image of {options.Length} bytes is not possible with clusters of {size}; larger clusters reach further.");
        return new Qcow2Header
        {
            Version = 3,
            ClusterBits = bits,
            Length = options.Length,
            L1Entries = (int)l1,
            RefcountTableOffset = size,
            RefcountTableClusters = 1,
            L1Offset = 2 * size,
            Backing = options.Backing,
            BackingFormat = options.BackingFormat,
        };
    }

    private static void Preallocate(IBlockFile file, int size)
    {
        using Qcow2Image image = new(new BorrowedFile(file), null, isWritable: true);
        byte[] zeroes = new byte[size];
        for (long at = 0; at < image.Length; at += size)
            image.Write(at, zeroes.AsSpan(0, (int)Math.Min(size, image.Length - at)));
        image.Flush();
    }

    private static Qcow2Header MoveL1(IBlockFile file, Qcow2Header header, int entries)
    {
        ulong[] table = BigEndian.Read(file, header.L1Offset, header.L1Entries);
        Array.Resize(ref table, entries);
        Refcounts counts = new(file, header);
        int clusters = (int)((((long)entries * sizeof(ulong)) + header.ClusterSize - 1) / header.ClusterSize);
        long place = counts.Take(clusters);
        counts.Write();
        byte[] bytes = new byte[clusters * header.ClusterSize];
        BigEndian.Bytes(table).CopyTo(bytes, 0);
        file.Write(place, bytes);
        file.Flush();

        // l1_size and l1_table_offset stand side by side: one write changes both.
        byte[] pointer = new byte[12];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(pointer, (uint)entries);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(pointer.AsSpan(4), (ulong)place);
        file.Write(36, pointer);
        file.Flush();
        Qcow2Header moved = header with { L1Entries = entries, L1Offset = place };
        for (long at = 0; at < (long)header.L1Entries * sizeof(ulong); at += header.ClusterSize)
            counts.Release(header.L1Offset + at);
        counts.Write();
        file.Flush();
        return moved;
    }
}
