using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Hospes.Sdk.Storage;

namespace Hospes.Storage.Vmdk;

/// <summary>
/// The header of a sparse VMDK file, little-endian. Hosted: magic "KDMV", version, flags, capacity u64 @12, grainSize u64 @20, descriptorOffset u64
/// @28, descriptorSize u64 @36, numGTEsPerGT @44, rgdOffset u64 @48, gdOffset u64 @56, overHead u64 @64, uncleanShutdown u8 @72, line-end test @73,
/// compressAlgorithm u16 @77. ESX: magic "COWD", version, flags, sectors @12, grain @16, directory offset @20, entries @24. All in sectors of 512
/// (the format's public specification, "Hosted Sparse Extents" and "ESX Server Sparse Extents").
/// </summary>
internal sealed partial record VmdkHeader
{
    public const int Sector = 512;
    public const uint HostedMagic = 0x564d444b;
    public const uint EsxMagic = 0x44574f43;
    private const int EsxTableEntries = 4096;
    private const uint RedundantFlag = 2;
    private const uint ZeroGrainFlag = 4;
    private const uint CompressedFlags = 0x30000;
    private const int MostEntries = 4 << 20;
    private const int MostDescriptor = 1 << 20;

    public required bool IsHosted { get; init; }

    public required long Sectors { get; init; }

    public required int GrainSectors { get; init; }

    public required int TableEntries { get; init; }

    /// <summary>Of the table of tables, sectors.</summary>
    public required long DirectoryOffset { get; init; }

    /// <summary>Of its twin; 0: none.</summary>
    public long SecondDirectoryOffset { get; init; }

    /// <summary>Entries that say 1 are zeroes.</summary>
    public bool HasZeroGrains { get; init; }

    public string? Backing { get; init; }

    public int Tables => (int)((Sectors + ((long)GrainSectors * TableEntries) - 1) / ((long)GrainSectors * TableEntries));

    public static bool Recognises(IBlockFile file)
    {
        if (file.Length < Sector)
            return false;
        Span<byte> start = stackalloc byte[4];
        file.Read(0, start);
        return BinaryPrimitives.ReadUInt32LittleEndian(start) is HostedMagic or EsxMagic;
    }

    public static VmdkHeader Read(IBlockFile file)
    {
        if (!Recognises(file))
            throw Fault(file, "it is no sparse VMDK file");
        byte[] bytes = new byte[Sector];
        file.Read(0, bytes);
        VmdkHeader header = Word(bytes, 0) == HostedMagic ? ReadHosted(file, bytes) : ReadEsx(bytes);
        if (header.GrainSectors is < 1 or > 2048 || !int.IsPow2(header.GrainSectors) || header.TableEntries is < 1 or > 65536)
            throw Fault(file, $"its grains have {header.GrainSectors} sectors and its tables {header.TableEntries} entries, which is not possible");
        if (header.Sectors < 0 || header.Sectors / ((long)header.GrainSectors * header.TableEntries) > MostEntries)
            throw Fault(file, $"its size is 0x{(ulong)header.Sectors:x} sectors, more than its tables can reach");
        if (!IsInside(file, header.DirectoryOffset, header.Tables) || (header.SecondDirectoryOffset != 0 && !IsInside(file, header.SecondDirectoryOffset, header.Tables)))
            throw Fault(file, $"its directory lies at sector 0x{header.DirectoryOffset:x}, outside the file");
        return header;
    }

    public static IOException Fault(IBlockFile file, string what) => new($"{file.Path}: {what}.");

    private static bool IsInside(IBlockFile file, long sector, int entries) =>
        sector > 0 && sector <= file.Length / Sector && sector * Sector <= file.Length - ((long)entries * sizeof(uint));

    private static VmdkHeader ReadEsx(byte[] bytes) => new()
    {
        IsHosted = false,
        Sectors = Word(bytes, 12),
        GrainSectors = (int)Math.Min(Word(bytes, 16), int.MaxValue),
        TableEntries = EsxTableEntries,
        DirectoryOffset = Word(bytes, 20),
    };

    private static VmdkHeader ReadHosted(IBlockFile file, byte[] bytes)
    {
        uint version = Word(bytes, 4);
        uint flags = Word(bytes, 8);
        if (version is < 1 or > 3)
            throw Fault(file, $"its version is {version}; 1 to 3 are known");
        if ((flags & CompressedFlags) != 0 || BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(77)) != 0)
            throw Fault(file, "it is a compressed stream, which cannot be used in place; convert it");
        ulong directory = Long(bytes, 56);
        bool isRedundant = (flags & RedundantFlag) != 0;
        return new VmdkHeader
        {
            IsHosted = true,
            Sectors = (long)Long(bytes, 12),
            GrainSectors = (int)Math.Min(Long(bytes, 20), int.MaxValue),
            TableEntries = (int)Math.Min(Word(bytes, 44), int.MaxValue),
            DirectoryOffset = (long)Math.Min(directory, long.MaxValue),
            SecondDirectoryOffset = isRedundant ? (long)Math.Min(Long(bytes, 48), long.MaxValue) : 0,
            HasZeroGrains = (flags & ZeroGrainFlag) != 0,
            Backing = ReadBacking(file, (long)Long(bytes, 28), (long)Long(bytes, 36)),
        };
    }

    private static string? ReadBacking(IBlockFile file, long offset, long sectors)
    {
        if (offset <= 0 || sectors <= 0 || sectors > MostDescriptor / Sector || offset > (file.Length / Sector) - sectors)
            return null;
        byte[] text = new byte[sectors * Sector];
        file.Read(offset * Sector, text);
        string descriptor = Encoding.UTF8.GetString(text).TrimEnd('\0');
        Match identity = ParentIdentity().Match(descriptor);
        if (!identity.Success || string.Equals(identity.Groups["id"].Value, "ffffffff", StringComparison.OrdinalIgnoreCase))
            return null;
        Match hint = ParentHint().Match(descriptor);
        return hint.Success ? hint.Groups["path"].Value : throw Fault(file, $"its descriptor names the parent {identity.Groups["id"].Value} and not where that is");
    }

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong Long(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));

    [GeneratedRegex(@"^parentCID=(?<id>[0-9a-fA-F]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ParentIdentity();

    [GeneratedRegex("^parentFileNameHint=\"(?<path>[^\"]+)\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ParentHint();
}
