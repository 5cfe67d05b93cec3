using System.Globalization;
using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Hospes.Sdk.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Backends.Block.Files;

/// <summary>A regular file or block device of this machine.</summary>
/// <remarks>
/// Past the cache (O_DIRECT) a device may want larger alignments than a guest's 512 bytes; the first refusal switches to the cache for good, which is
/// slower and as safe, since a flush is a flush either way.
/// </remarks>
public sealed unsafe class BlockFile : IBlockFile
{
    private const string DevicePrefix = "dev:";
    private const int StatxBytes = 256;
    private const int StatxModeOffset = 28;
    private const uint StatxBasic = 0x7ff;
    private const int EmptyPath = 0x1000;
    private const int TypeMask = 0xf000;
    private const int TypeDevice = 0x6000;
    private const int TypeRegular = 0x8000;

    private readonly SafeFileHandle _handle;
    private readonly int _fd;
    private readonly bool _isDevice;
    private volatile bool _isDirect;

    /// <summary>Takes a descriptor that somebody else has opened and checked.</summary>
    public BlockFile(SafeFileHandle handle, string path, bool isWritable)
    {
        _handle = handle;
        _fd = (int)handle.DangerousGetHandle();
        Path = path;
        IsWritable = isWritable;
        _isDevice = (Mode(_fd, path) & TypeMask) == TypeDevice;
        int flags = Libc.Fcntl(_fd, Libc.GetFlags, 0);
        _isDirect = flags >= 0 && (flags & Libc.OpenDirect) != 0;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public bool IsWritable { get; }

    /// <inheritdoc/>
    public int Descriptor => _fd;

    /// <summary>The handle itself, to be handed to another process.</summary>
    public SafeFileHandle Handle => _handle;

    /// <inheritdoc/>
    public bool IsDevice => _isDevice;

    /// <summary>The same for the same file or device by whatever path: <c>dev:8:1</c>, <c>file:8:1:12345</c>.</summary>
    public string Identity
    {
        get
        {
            byte* status = stackalloc byte[StatxBytes];
            if (Libc.Statx(_fd, "", EmptyPath, StatxBasic, status) != 0)
                throw Fault("it cannot be looked at");
            uint* words = (uint*)status;
            return _isDevice
                ? string.Create(CultureInfo.InvariantCulture, $"{DevicePrefix}{words[32]}:{words[33]}")
                : string.Create(CultureInfo.InvariantCulture, $"file:{words[34]}:{words[35]}:{*(ulong*)(status + 32)}");
        }
    }

    /// <summary>A block device's number as the store has it: lower-case hexadecimal <c>8:1</c>.</summary>
    public string DeviceNumber
    {
        get
        {
            string[] parts = Identity.Split(':');
            return string.Create(
                CultureInfo.InvariantCulture, $"{int.Parse(parts[1], CultureInfo.InvariantCulture):x}:{int.Parse(parts[2], CultureInfo.InvariantCulture):x}");
        }
    }

    /// <summary>The medium's own unit, bytes: of a file 512, since its file system hides the medium.</summary>
    public int PhysicalSectorSize
    {
        get
        {
            uint size = 0;
            return _isDevice && Libc.Ioctl(_fd, Libc.BlockGetPhysicalSize, &size) == 0 && size is >= 512 and <= 1 << 20 ? (int)size : 512;
        }
    }

    /// <inheritdoc/>
    public long Length => Libc.Lseek(_fd, 0, Libc.SeekEnd) is >= 0 and long end ? end : throw Fault("the length cannot be told");

    /// <summary>The number in a block device's <see cref="Identity"/>, decimal as in mountinfo; null: it is a file's.</summary>
    public static string? DeviceOf(string identity) =>
        identity.StartsWith(DevicePrefix, StringComparison.Ordinal) ? identity[DevicePrefix.Length..] : null;

    /// <summary>Opens a path. A FIFO or a device that waits for somebody is not waited for.</summary>
    /// <exception cref="IOException">It cannot be opened, or is neither file nor block device.</exception>
    public static BlockFile Open(BlockSource source)
    {
        int flags = Libc.OpenCloseOnExec | Libc.OpenNonblock | (source.IsWritable ? Libc.OpenReadWrite : Libc.OpenReadOnly)
            | (source.IsSynchronous ? Libc.OpenDataSync : 0);
        int fd = source.IsDirect ? Libc.Open(source.Path, flags | Libc.OpenDirect, 0) : -1;
        if (fd < 0)
            fd = Libc.Open(source.Path, flags, 0);
        if (fd < 0)
            throw OpenFault(source);
        SafeFileHandle handle = new(fd, ownsHandle: true);
        try
        {
            Require(source, Mode(fd, source.Path) & TypeMask);
            return new BlockFile(handle, source.Path, source.IsWritable);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Makes a new, empty file and opens it.</summary>
    /// <exception cref="IOException">It cannot be made, or there is something of that name.</exception>
    public static BlockFile Create(string path)
    {
        int fd = Libc.Open(path, Libc.OpenCloseOnExec | Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenExclusive, 0x1a4); // rw-r--r--
        return fd < 0 ? throw Libc.Failure($"{path} cannot be made") : new BlockFile(new SafeFileHandle(fd, ownsHandle: true), path, isWritable: true);
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            nint count;
            fixed (byte* buffer = into)
                count = Libc.Pread(_fd, buffer, (nuint)into.Length, offset);
            if (count == 0)
                throw new IOException($"{Path} ends at byte {offset}, and more was to be there");
            if (count < 0)
            {
                Retry("cannot be read", offset);
                continue;
            }

            into = into[(int)count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        while (!from.IsEmpty)
        {
            nint count;
            fixed (byte* buffer = from)
                count = Libc.Pwrite(_fd, buffer, (nuint)from.Length, offset);
            if (count < 0)
            {
                Retry("cannot be written", offset);
                continue;
            }

            from = from[(int)count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (Libc.Fdatasync(_fd) != 0)
            throw Fault("what was written may not be on the medium");
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        if (_isDevice)
            throw new IOException($"{Path} is a block device: its size is what it is");
        if (Libc.Ftruncate(_fd, length) != 0)
            throw Fault($"it cannot be made {length} bytes long");
    }

    /// <inheritdoc/>
    public void Zero(long offset, long length)
    {
        if (length <= 0)
            return;
        if (_isDevice)
        {
            ulong* range = stackalloc ulong[2] { (ulong)offset, (ulong)length };
            if (Libc.Ioctl(_fd, Libc.BlockZeroOut, range) == 0)
                return;
        }
        else if (offset >= Length)
        {
            SetLength(offset + length);
            return;
        }
        else if (Libc.Fallocate(_fd, Libc.FallocPunchHole | Libc.FallocKeepSize, offset, length) == 0)
        {
            if (offset + length > Length)
                SetLength(offset + length);
            return;
        }

        WriteZeroes(offset, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Mode(int fd, string path)
    {
        byte* status = stackalloc byte[StatxBytes];
        return Libc.Statx(fd, "", EmptyPath, StatxBasic, status) == 0 ? *(ushort*)(status + StatxModeOffset) : throw Libc.Failure($"{path} cannot be looked at");
    }

    private static void Require(BlockSource source, int type)
    {
        if (type is not (TypeRegular or TypeDevice))
        {
            const int directory = 0x4000, fifo = 0x1000, socket = 0xc000;
            string what = type switch { directory => "a directory", fifo => "a FIFO", socket => "a socket", _ => "a character device" };
            throw new IOException($"{source.Path} is {what}, not a file or block device.");
        }

        if (source.Kind == BlockSourceKind.Device && type != TypeDevice)
            throw new IOException($"{source.Path} is a file, not a block device; write file:{source.Path} or tap:aio:{source.Path} for it.");
        if (source.Kind == BlockSourceKind.File && type != TypeRegular)
            throw new IOException($"{source.Path} is a block device, not a file; write phy:{source.Path} for it.");
    }

    // fact sheet "Storage", section 3.2, for the first two
    private static IOException OpenFault(BlockSource source)
    {
        int error = Marshal.GetLastPInvokeError();
        const int noEntry = 2, noDevice = 6, access = 13, isDirectory = 21, readOnly = 30;
        return error switch
        {
            noEntry => new IOException($"{source.Path} does not exist.", error),
            isDirectory => new IOException($"{source.Path} is a directory, not a file or block device.", error),
            noDevice => new IOException($"{source.Path} is not a file or block device.", error),
            access or readOnly when source.IsWritable =>
                new IOException($"File {source.Path} is read-only, and so I will not mount it read-write in a guest domain.", error),
            _ => new IOException($"{source.Path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}", error),
        };
    }

    private void Retry(string what, long offset)
    {
        int error = Marshal.GetLastPInvokeError();
        if (error == Libc.Eintr)
            return;
        if (error == Libc.Einval && _isDirect)
        {
            int flags = Libc.Fcntl(_fd, Libc.GetFlags, 0);
            _isDirect = false;
            if (flags >= 0 && Libc.Fcntl(_fd, Libc.SetFlags, flags & ~Libc.OpenDirect) == 0)
                return;
        }

        throw new IOException($"{Path} {what} at byte {offset}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    private void WriteZeroes(long offset, long length)
    {
        const int block = 1 << 16;
        void* zeroes = NativeMemory.AlignedAlloc(block, 4096);
        try
        {
            NativeMemory.Clear(zeroes, block);
            for (; length > 0; offset += block, length -= block)
                Write(offset, new ReadOnlySpan<byte>(zeroes, (int)Math.Min(block, length)));
        }
        finally
        {
            NativeMemory.AlignedFree(zeroes);
        }
    }

    private IOException Fault(string what) => Libc.Failure($"{Path}: {what}");
}
