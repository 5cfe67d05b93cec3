using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>The C library's calls that memory and leases need; x86-64 Linux values. Failing calls leave the error in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class Libc
{
    internal const int ProtRead = 1;
    internal const int ProtWrite = 2;
    internal const int MapShared = 1;
    internal const int MapPrivate = 2;
    internal const int MapAnonymous = 0x20;
    internal const int MapNoReserve = 0x4000;
    internal const int FallocKeepSize = 1;
    internal const int FallocPunchHole = 2;
    internal const uint MfdCloexec = 1;
    internal const uint MfdAllowSealing = 2;
    internal const int AddSeals = 1033; // F_ADD_SEALS
    internal const int GetSeals = 1034; // F_GET_SEALS
    internal const int AllSeals = 1 | 2 | 4 | 8; // F_SEAL_SEAL, _SHRINK, _GROW, _WRITE
    internal const int EventFdCloexec = 0x80000;
    internal const int EventFdNonblock = 0x800;
    internal const short PollIn = 1;
    internal const int OpenReadOnly = 0;
    internal const int OpenReadWrite = 2;
    internal const int OpenCreate = 0x40;
    internal const int OpenExclusive = 0x80;
    internal const int OpenNonblock = 0x800;
    internal const int OpenDataSync = 0x1000;
    internal const int OpenDirect = 0x4000;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int GetFlags = 3;
    internal const int SetFlags = 4;
    internal const int SeekEnd = 2;
    internal const int SeekData = 3;
    internal const int SeekHole = 4;
    internal const int AdvicePopulateWrite = 23; // MADV_POPULATE_WRITE, since Linux 5.14
    internal const int Eintr = 4;
    internal const int Eagain = 11;
    internal const int Ebusy = 16;
    internal const int Einval = 22;
    internal const nuint BlockGetPhysicalSize = 0x127b;
    internal const nuint BlockZeroOut = 0x127f;

    internal static readonly void* MapFailed = (void*)-1;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Ftruncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    internal static partial int Ppoll(PollEntry* entries, nuint count, long* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, void* into, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, void* from, nuint count);

    [LibraryImport("libc", EntryPoint = "readv", SetLastError = true)]
    internal static partial nint Readv(int fd, IoVector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    internal static partial nint Writev(int fd, IoVector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int fd, int command, int argument);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Lseek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Pread(int fd, byte* into, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Pwrite(int fd, byte* from, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "preadv", SetLastError = true)]
    internal static partial nint Preadv(int fd, IoVector* into, int count, long offset);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    internal static partial nint Pwritev(int fd, IoVector* from, int count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int Fdatasync(int fd);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    /// <summary>An exception that says what was tried, with the system's own words for why it failed.</summary>
    internal static IOException Failure(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
