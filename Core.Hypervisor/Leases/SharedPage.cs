using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Leases;

/// <summary>A memory file that two processes map. It is sealed: neither can shrink it and so make the other fault where it reads.</summary>
internal sealed unsafe partial class SharedPage : IDisposable
{
    // fcntl(2), memfd_create(2); x86-64 Linux values.
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SealSeal = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const int Granularity = 4096;

    private void* _address;

    private SharedPage(SafeFileHandle handle, int length, string name)
    {
        Handle = handle;
        Length = length;
        int fd = (int)handle.DangerousGetHandle();
        // The mapping lives until Dispose; its length is the file's, which the seals hold.
        _address = Libc.Mmap(null, (nuint)length, Libc.ProtRead | Libc.ProtWrite, Libc.MapShared, fd, 0);
        if (_address == Libc.MapFailed)
            throw Libc.Failure($"cannot map the {name} page");
    }

    ~SharedPage() => Unmap();

    internal SafeFileHandle Handle { get; }

    internal int Length { get; }

    internal byte* Address => (byte*)_address;

    internal static SharedPage Create(string name, int bytes)
    {
        int length = (bytes + Granularity - 1) / Granularity * Granularity;
        int fd = Libc.MemfdCreate($"hospes-{name}", Libc.MfdCloexec | AllowSealing);
        if (fd < 0)
            throw Libc.Failure($"cannot make a memory file for the {name} page");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            if (Libc.Ftruncate(fd, length) != 0)
                throw Libc.Failure($"cannot size the {name} page");
            if (Fcntl(fd, AddSeals, SealShrink | SealGrow | SealSeal) != 0)
                throw Libc.Failure($"cannot seal the {name} page");
            return new SharedPage(handle, length, name);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Maps a page that another process made; takes the handle over, also when it fails.</summary>
    /// <exception cref="InvalidDataException">It is too small, or could shrink under us.</exception>
    internal static SharedPage Open(SafeFileHandle handle, string name, int least)
    {
        try
        {
            if ((Fcntl((int)handle.DangerousGetHandle(), GetSeals, 0) is var seals && seals < 0) || (seals & SealShrink) == 0)
                throw new InvalidDataException($"the {name} page that was handed over is not a memory file sealed against shrinking");
            long length = RandomAccess.GetLength(handle);
            if (length < least || length > int.MaxValue)
                throw new InvalidDataException($"the {name} page that was handed over has {length} bytes; at least {least} are needed");
            return new SharedPage(handle, (int)length, name);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Unmap();
        Handle.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Unmap()
    {
        if (_address != null && _address != Libc.MapFailed)
            Libc.Munmap(_address, (nuint)Length);
        _address = null;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int fd, int command, long argument);
}
