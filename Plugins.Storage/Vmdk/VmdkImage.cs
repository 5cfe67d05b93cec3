using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Vmdk;

/// <summary>An open sparse VMDK file. Where there are two directories with tables of their own, both are written.</summary>
internal sealed class VmdkImage : TwoLevelImage
{
    private readonly VmdkHeader _header;
    private readonly long[] _second;

    public VmdkImage(IBlockFile file, IBlockImage? parent, bool isWritable)
        : this(file, parent, isWritable, VmdkHeader.Read(file))
    {
    }

    private VmdkImage(IBlockFile file, IBlockImage? parent, bool isWritable, VmdkHeader header)
        : base(
            file, parent, isWritable, header.Sectors * VmdkHeader.Sector, header.GrainSectors * VmdkHeader.Sector, header.TableEntries,
            Directory(file, header.DirectoryOffset, header.Tables))
    {
        _header = header;
        _second = header.SecondDirectoryOffset == 0 ? [] : Directory(file, header.SecondDirectoryOffset, header.Tables);
    }

    /// <summary>Reads a directory: places in bytes.</summary>
    public static long[] Directory(IBlockFile file, long sector, int entries) =>
        Array.ConvertAll(Words(file, sector * VmdkHeader.Sector, entries), static entry => (long)entry * VmdkHeader.Sector);

    /// <summary>Reads a table.</summary>
    public static uint[] Words(IBlockFile file, long offset, int entries)
    {
        byte[] bytes = new byte[entries * sizeof(uint)];
        file.Read(offset, bytes);
        return MemoryMarshal.Cast<byte, uint>(bytes).ToArray();
    }

    protected override ClusterPlace Decode(ulong entry) => entry switch
    {
        0 => default,
        1 when _header.HasZeroGrains => new ClusterPlace(BlockExtentKind.Zero, 0, 0),
        _ => new ClusterPlace(BlockExtentKind.Data, (long)entry * VmdkHeader.Sector, 0),
    };

    protected override ulong Encode(long offset) => (ulong)(offset / VmdkHeader.Sector);

    protected override ulong[] ReadTable(int index)
    {
        int bytes = TableEntries * sizeof(uint);
        if (Top[index] > File.Length - bytes || (_second.Length > 0 && (_second[index] == 0 || _second[index] > File.Length - bytes)))
            throw VmdkHeader.Fault(File, $"its table {index} lies at 0x{Top[index]:x}, outside the file");
        return Array.ConvertAll(Words(File, Top[index], TableEntries), static entry => (ulong)entry);
    }

    protected override void WriteTable(int index, ulong[] entries)
    {
        byte[] bytes = new byte[entries.Length * sizeof(uint)];
        for (int at = 0; at < entries.Length; at++)
        {
            if (entries[at] > uint.MaxValue)
                throw VmdkHeader.Fault(File, "it has grown to two TiB, and this format reaches no further");
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at * sizeof(uint)), (uint)entries[at]);
        }

        if (_second.Length > 0)
            File.Write(_second[index], bytes);
        File.Write(Top[index], bytes);
    }

    protected override void AddTable(int index)
    {
        Top[index] = TakeRoom((long)TableEntries * sizeof(uint));
        if (_second.Length > 0)
            _second[index] = TakeRoom((long)TableEntries * sizeof(uint));
    }

    protected override void WriteTop(IReadOnlyCollection<int> indices)
    {
        foreach (int index in indices)
        {
            if (_second.Length > 0)
                Put(_header.SecondDirectoryOffset, index, _second[index]);
            Put(_header.DirectoryOffset, index, Top[index]);
        }
    }

    private void Put(long directory, int index, long place)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(place / VmdkHeader.Sector));
        File.Write((directory * VmdkHeader.Sector) + ((long)index * sizeof(uint)), bytes);
    }
}
