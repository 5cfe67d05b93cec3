using System.Globalization;
using System.Text;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Vmdk;

/// <summary>VMDK for chains and tools.</summary>
internal sealed class VmdkFormat : ImageFormat
{
    private const int GrainSectors = 128;
    private const int TableEntries = 512;
    private const int DescriptorSectors = 20;

    public override string Format => "vmdk";

    public override bool Recognises(IBlockFile file) => VmdkHeader.Recognises(file);

    public override (string Path, string? Format)? Parent(IBlockFile file) => VmdkHeader.Read(file).Backing is { } path ? (path, Format) : null;

    public override IBlockImage Open(IBlockFile file, IBlockImage? parent, bool isWritable) => new VmdkImage(file, parent, isWritable);

    /// <summary>Lays out: header, descriptor, second directory with its tables, directory with its tables, grains.</summary>
    public override void Create(IBlockFile file, ImageOptions options)
    {
        if (options.Backing is not null)
            throw new FormatException("A VMDK image with a parent cannot be made here; take qcow2 for a clone.");
        if (options.ClusterSize is not (0 or GrainSectors * VmdkHeader.Sector))
            throw new FormatException($"A VMDK image has grains of {GrainSectors * VmdkHeader.Sector} bytes, not {options.ClusterSize}.");
        if (options.Length < VmdkHeader.Sector || options.Length > 2L << 40)
            throw new FormatException($"A VMDK image of {options.Length} bytes is not possible; it has 512 bytes to 2 TiB.");
        long sectors = options.Length / VmdkHeader.Sector;
        long reach = GrainSectors * TableEntries;
        int tables = (int)((sectors + reach - 1) / reach);
        int directorySectors = ((tables * sizeof(uint)) + VmdkHeader.Sector - 1) / VmdkHeader.Sector;
        const int tableSectors = TableEntries * sizeof(uint) / VmdkHeader.Sector;
        long second = 1 + DescriptorSectors;
        long first = second + directorySectors + ((long)tables * tableSectors);
        long overhead = first + directorySectors + ((long)tables * tableSectors);
        overhead = (overhead + GrainSectors - 1) / GrainSectors * GrainSectors;
        file.SetLength(0);
        file.SetLength(overhead * VmdkHeader.Sector);
        WriteDirectory(file, second, directorySectors, tables);
        WriteDirectory(file, first, directorySectors, tables);
        byte[] descriptor = new byte[DescriptorSectors * VmdkHeader.Sector];
        Encoding.ASCII.GetBytes(Descriptor(sectors, Path.GetFileName(file.Path))).CopyTo(descriptor, 0);
        file.Write(VmdkHeader.Sector, descriptor);
        file.Write(0, Header(sectors, second, first, overhead));
        file.Flush();
        if (!options.IsPreallocated)
            return;
        using VmdkImage image = new(new BorrowedFile(file), null, isWritable: true);
        byte[] zeroes = new byte[GrainSectors * VmdkHeader.Sector];
        for (long at = 0; at < image.Length; at += zeroes.Length)
            image.Write(at, zeroes.AsSpan(0, (int)Math.Min(zeroes.Length, image.Length - at)));
        image.Flush();
    }

    public override IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file)
    {
        VmdkHeader header = VmdkHeader.Read(file);
        List<KeyValuePair<string, string>> lines =
        [
            new("virtual size", (header.Sectors * VmdkHeader.Sector).ToString(CultureInfo.InvariantCulture)),
            new("cluster size", (header.GrainSectors * VmdkHeader.Sector).ToString(CultureInfo.InvariantCulture)),
            new("kind", header.IsHosted ? "hosted sparse" : "ESX sparse"),
        ];
        if (header.Backing is not null)
            lines.Add(new("parent", header.Backing));
        return lines;
    }

    public override ImageCheck Check(IBlockFile file, bool repair)
    {
        VmdkHeader header = VmdkHeader.Read(file);
        PlaceCheck check = new(file);
        long[] tables = VmdkImage.Directory(file, header.DirectoryOffset, header.Tables);
        for (int index = 0; index < tables.Length; index++)
        {
            if (tables[index] == 0 || !check.Use(tables[index], header.TableEntries * sizeof(uint), $"table {index}"))
                continue;
            foreach (uint entry in VmdkImage.Words(file, tables[index], header.TableEntries))
            {
                if (entry > (header.HasZeroGrains ? 1u : 0u))
                    check.Use((long)entry * VmdkHeader.Sector, header.GrainSectors * VmdkHeader.Sector, $"a grain of table {index}");
            }
        }

        return check.Result();
    }

    public override void Resize(IBlockFile file, long length) => throw new IOException($"{file.Path}: a VMDK image's tables have a fixed place; convert it to a larger one.");

    private static void WriteDirectory(IBlockFile file, long sector, int directorySectors, int tables)
    {
        byte[] bytes = new byte[directorySectors * VmdkHeader.Sector];
        for (int table = 0; table < tables; table++)
        {
            uint place = (uint)(sector + directorySectors + ((long)table * TableEntries * sizeof(uint) / VmdkHeader.Sector));
            BitConverter.TryWriteBytes(bytes.AsSpan(table * sizeof(uint)), place);
        }

        file.Write(sector * VmdkHeader.Sector, bytes);
    }

    private static byte[] Header(long sectors, long second, long first, long overhead)
    {
        const uint newLineTest = 1, redundant = 2;
        byte[] bytes = new byte[VmdkHeader.Sector];
        BitConverter.TryWriteBytes(bytes, VmdkHeader.HostedMagic);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), 1u);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), newLineTest | redundant);
        BitConverter.TryWriteBytes(bytes.AsSpan(12), sectors);
        BitConverter.TryWriteBytes(bytes.AsSpan(20), (long)GrainSectors);
        BitConverter.TryWriteBytes(bytes.AsSpan(28), 1L);
        BitConverter.TryWriteBytes(bytes.AsSpan(36), (long)DescriptorSectors);
        BitConverter.TryWriteBytes(bytes.AsSpan(44), TableEntries);
        BitConverter.TryWriteBytes(bytes.AsSpan(48), second);
        BitConverter.TryWriteBytes(bytes.AsSpan(56), first);
        BitConverter.TryWriteBytes(bytes.AsSpan(64), overhead);
        "\n \r\n"u8.CopyTo(bytes.AsSpan(73));
        return bytes;
    }

    private static string Descriptor(long sectors, string name)
    {
        const int heads = 16, sectorsPerTrack = 63;
        uint identity = (uint)Random.Shared.NextInt64(1, 0xfffffffe);
        return $"""
            # Disk DescriptorFile
            version=1
            CID={identity:x8}
            parentCID=ffffffff
            createType="monolithicSparse"

            # Extent description
            RW {sectors} SPARSE "{name}"

            # The Disk Data Base
            #DDB

            ddb.virtualHWVersion = "4"
            ddb.geometry.cylinders = "{sectors / (heads * sectorsPerTrack)}"
            ddb.geometry.heads = "{heads}"
            ddb.geometry.sectors = "{sectorsPerTrack}"
            ddb.adapterType = "ide"

            """;
    }
}
