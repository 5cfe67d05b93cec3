using System.Buffers.Binary;
using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow;

/// <summary>An open qcow image. Its tables are always written big-endian; a table of the other order is turned round once.</summary>
internal sealed class QcowImage : TwoLevelImage
{
    private const ulong CompressedFlag = 1UL << 63;

    private readonly QcowHeader _header;
    private bool _isSwapped;

    public QcowImage(IBlockFile file, IBlockImage? parent, bool isWritable)
        : this(file, parent, isWritable, QcowHeader.Read(file))
    {
    }

    private QcowImage(IBlockFile file, IBlockImage? parent, bool isWritable, QcowHeader header)
        : base(file, parent, isWritable, header.Length, 1 << header.ClusterBits, 1 << header.L2Bits, ReadTop(file, header))
    {
        _header = header;
        _isSwapped = header.IsL1Swapped;
    }

    protected override ClusterPlace Decode(ulong entry)
    {
        if (entry == 0)
            return default;
        if ((entry & CompressedFlag) == 0)
            return new ClusterPlace(BlockExtentKind.Data, (long)entry, 0);
        int bits = 63 - _header.ClusterBits;
        int length = (int)((entry & ~CompressedFlag) >> bits) & ((1 << _header.ClusterBits) - 1);
        return new ClusterPlace(BlockExtentKind.Data, (long)(entry & ((1UL << bits) - 1)), Math.Max(1, length));
    }

    protected override ulong Encode(long offset) => (ulong)offset;

    protected override ulong[] ReadTable(int index)
    {
        if (Top[index] < 0 || Top[index] > File.Length - ((long)TableEntries * sizeof(ulong)))
            throw QcowHeader.Fault(File, $"its L2 table {index} lies at 0x{Top[index]:x}, outside the file");
        return BigEndian.Read(File, Top[index], TableEntries);
    }

    protected override void WriteTable(int index, ulong[] entries) => File.Write(Top[index], BigEndian.Bytes(entries));

    protected override void WriteTop(IReadOnlyCollection<int> indices)
    {
        if (_isSwapped)
        {
            File.Write(_header.L1Offset, BigEndian.Bytes(Array.ConvertAll(Top, static place => (ulong)place)));
            QcowHeader.MarkBigEndian(File);
            _isSwapped = false;
            return;
        }

        foreach (int index in indices)
            BigEndian.Write(File, _header.L1Offset + ((long)index * sizeof(ulong)), (ulong)Top[index]);
        if (_header.HasExtension)
            QcowHeader.MarkBigEndian(File);
    }

    private static long[] ReadTop(IBlockFile file, QcowHeader header) => Array.ConvertAll(
        BigEndian.Read(file, header.L1Offset, header.L1Entries),
        entry => (long)(header.IsL1Swapped ? BinaryPrimitives.ReverseEndianness(entry) : entry));
}
