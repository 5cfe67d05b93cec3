using System.Buffers.Binary;
using System.Text;

namespace Hospes.Host.BootLoader;

/// <summary>
/// Reads files from ext2, ext3 and ext4 (the file system's public on-disk format), little-endian. A guest has written every byte: nothing is followed
/// without being checked, nothing is read without a limit. A journal is not replayed: what was committed and not yet written back is not seen.
/// </summary>
internal sealed class ExtFileSystem
{
    private const int SuperblockOffset = 1024;
    private const ushort Magic = 0xef53;
    private const uint MetaGroups = 0x10, SixtyFourBit = 0x80, InlineData = 0x8000, Encryption = 0x10000;
    private const uint ExtentsFlag = 0x80000;
    private const ushort ExtentMagic = 0xf30a;
    private const int RootInode = 2;
    private const int MostLinks = 20;
    private const int MostDepth = 5;
    private const int MostDirectoryBytes = 4 << 20;
    private const ushort TypeMask = 0xf000, TypeDirectory = 0x4000, TypeFile = 0x8000, TypeLink = 0xa000;

    private readonly DiskSlice _disk;
    private readonly int _blockSize;
    private readonly uint _inodes;
    private readonly uint _inodesPerGroup;
    private readonly int _inodeSize;
    private readonly int _descriptorSize;
    private readonly long _descriptors;

    private ExtFileSystem(DiskSlice disk, byte[] superblock)
    {
        _disk = disk;
        int logBlock = (int)Word(superblock, 24);
        _blockSize = logBlock is >= 0 and <= 6 ? 1024 << logBlock : throw new IOException($"its blocks have 2^{10 + logBlock} bytes");
        _inodes = Word(superblock, 0);
        _inodesPerGroup = Word(superblock, 40);
        _inodeSize = Word(superblock, 76) == 0 ? 128 : Half(superblock, 88);
        uint features = Word(superblock, 96);
        if ((features & (MetaGroups | InlineData | Encryption)) != 0)
            throw new IOException($"it uses features that the boot loader does not read (0x{features & (MetaGroups | InlineData | Encryption):x})");
        _descriptorSize = (features & SixtyFourBit) != 0 ? Half(superblock, 254) : 32;
        if (_inodesPerGroup == 0 || _inodeSize is < 128 or > 4096 || _descriptorSize is < 32 or > 1024)
            throw new IOException("its superblock is damaged");
        _descriptors = ((long)Word(superblock, 20) + 1) * _blockSize;
    }

    /// <summary>Opens one; null: there is none.</summary>
    public static ExtFileSystem? TryOpen(DiskSlice disk)
    {
        byte[] superblock = new byte[1024];
        if (disk.Length < SuperblockOffset + superblock.Length)
            return null;
        disk.Read(SuperblockOffset, superblock);
        return Half(superblock, 56) == Magic ? new ExtFileSystem(disk, superblock) : null;
    }

    /// <summary>A file's content; null: there is no such file.</summary>
    /// <exception cref="IOException">It is larger than allowed, or the file system is damaged.</exception>
    public byte[]? ReadFile(string path, long most)
    {
        byte[]? inode = Find(path);
        if (inode is null || (Half(inode, 0) & TypeMask) != TypeFile)
            return null;
        long size = Size(inode);
        return size <= most ? Content(inode, size) : throw new IOException($"{path} has {size} bytes; at most {most} are read");
    }

    private byte[]? Find(string path)
    {
        List<string> parts = Split(path);
        List<uint> above = [RootInode];
        int links = 0;
        for (int index = 0; index < parts.Count; index++)
        {
            byte[] directory = Inode(above[^1]);
            if (parts[index] == "..")
            {
                if (above.Count > 1)
                    above.RemoveAt(above.Count - 1);
                continue;
            }

            if ((Half(directory, 0) & TypeMask) != TypeDirectory || Lookup(directory, parts[index]) is not { } number)
                return null;
            byte[] found = Inode(number);
            if ((Half(found, 0) & TypeMask) == TypeLink)
            {
                if (++links > MostLinks)
                    throw new IOException($"{path} leads through more than {MostLinks} links");
                string target = Target(found);
                List<string> rest = [.. Split(target), .. parts[(index + 1)..]];
                if (target.StartsWith('/'))
                    above = [RootInode];
                parts = rest;
                index = -1;
                continue;
            }

            above.Add(number);
        }

        return Inode(above[^1]);
    }

    private static List<string> Split(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static part => part != ".")];

    private uint? Lookup(byte[] directory, string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        byte[] content = Content(directory, Math.Min(Size(directory), MostDirectoryBytes));
        for (int block = 0; block < content.Length; block += _blockSize)
        {
            int end = Math.Min(block + _blockSize, content.Length);
            for (int at = block; at + 8 <= end;)
            {
                int length = Half(content, at + 4);
                int nameLength = content[at + 6];
                if (length < 8 || at + length > end)
                    break;
                if (8 + nameLength <= length && Word(content, at) != 0 && content.AsSpan(at + 8, nameLength).SequenceEqual(wanted))
                    return Word(content, at);
                at += length;
            }
        }

        return null;
    }

    private string Target(byte[] inode)
    {
        const int inPlace = 60, longest = 4095;
        long size = Size(inode);
        if (size > longest)
            throw new IOException($"a link has {size} bytes");
        bool isInPlace = size < inPlace && (Word(inode, 32) & ExtentsFlag) == 0;
        return Encoding.UTF8.GetString(isInPlace ? inode.AsSpan(40, (int)size) : Content(inode, size));
    }

    private byte[] Inode(uint number)
    {
        if (number == 0 || number > _inodes)
            throw new IOException($"there is no inode {number}");
        uint group = (number - 1) / _inodesPerGroup;
        byte[] descriptor = new byte[_descriptorSize];
        _disk.Read(_descriptors + ((long)group * _descriptorSize), descriptor);
        long table = Word(descriptor, 8) | (_descriptorSize >= 64 ? (long)Word(descriptor, 40) << 32 : 0);
        byte[] inode = new byte[Math.Max(_inodeSize, 128)];
        _disk.Read(checked((table * _blockSize) + ((long)((number - 1) % _inodesPerGroup) * _inodeSize)), inode);
        return inode;
    }

    private byte[] Content(byte[] inode, long size)
    {
        byte[] content = new byte[size];
        if ((Word(inode, 32) & ExtentsFlag) != 0)
        {
            ReadExtents(inode.AsSpan(40, 60).ToArray(), content, MostDepth);
            return content;
        }

        long block = 0;
        for (int direct = 0; direct < 12; direct++)
            ReadBlock(Word(inode, 40 + (direct * 4)), block++, content);
        for (int level = 1; level <= 3; level++)
            ReadIndirect(Word(inode, 40 + ((11 + level) * 4)), level, ref block, content);
        return content;
    }

    private void ReadIndirect(uint table, int level, ref long block, byte[] content)
    {
        long perTable = _blockSize / 4;
        if (block * _blockSize >= content.Length)
            return;
        if (table == 0)
        {
            block += (long)Math.Pow(perTable, level);
            return;
        }

        byte[] entries = new byte[_blockSize];
        _disk.Read((long)table * _blockSize, entries);
        for (int entry = 0; entry < perTable; entry++)
        {
            if (level == 1)
                ReadBlock(Word(entries, entry * 4), block++, content);
            else
                ReadIndirect(Word(entries, entry * 4), level - 1, ref block, content);
        }
    }

    private void ReadBlock(uint from, long block, byte[] content)
    {
        long at = block * _blockSize;
        if (from != 0 && at < content.Length)
            _disk.Read((long)from * _blockSize, content.AsSpan((int)at, (int)Math.Min(_blockSize, content.Length - at)));
    }

    private void ReadExtents(byte[] node, byte[] content, int depthLeft)
    {
        int entries = Half(node, 2);
        int depth = Half(node, 6);
        if (Half(node, 0) != ExtentMagic || depth > depthLeft || (entries + 1) * 12 > node.Length)
            throw new IOException("a file's extents are damaged");
        for (int entry = 1; entry <= entries; entry++)
        {
            int at = entry * 12;
            if (depth > 0)
            {
                byte[] below = new byte[_blockSize];
                _disk.Read(checked((Word(node, at + 4) | ((long)Half(node, at + 8) << 32)) * _blockSize), below);
                ReadExtents(below, content, depth - 1);
                continue;
            }

            const int initialised = 32768;
            int count = Half(node, at + 4);
            long start = (long)Word(node, at) * _blockSize;
            if (count > initialised || start >= content.Length)
                continue; // reserved, not written: zeroes
            long from = checked((Word(node, at + 8) | ((long)Half(node, at + 6) << 32)) * _blockSize);
            _disk.Read(from, content.AsSpan((int)start, (int)Math.Min((long)count * _blockSize, content.Length - start)));
        }
    }

    private static long Size(byte[] inode)
    {
        long size = Word(inode, 4) | ((long)Word(inode, 108) << 32);
        return (Half(inode, 0) & TypeMask) == TypeFile || size >> 32 == 0 ? size : size & uint.MaxValue;
    }

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ushort Half(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
