using System.Runtime.InteropServices;

namespace Hospes.Engines.Vector.Tests;

/// <summary>Pages of this process below 4 GiB, so that host and guest can use the same linear addresses.</summary>
internal sealed unsafe partial class LowMemory : IDisposable
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAnonymousLow = 0x2 | 0x20 | 0x40;

    internal LowMemory(int size, bool executable)
    {
        Size = size;
        nint address = mmap(0, (nuint)size, Read | Write | (executable ? Execute : 0), PrivateAnonymousLow, -1, 0);
        Address = address == -1 ? null : (byte*)address;
    }

    /// <summary>Null where the system refused.</summary>
    internal byte* Address { get; }

    internal int Size { get; }

    public void Dispose()
    {
        if (Address != null)
            munmap((nint)Address, (nuint)Size);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
