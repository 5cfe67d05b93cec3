using System.Runtime.InteropServices;

namespace Hospes.Security.Acm.Resources;

/// <summary>The C library's calls by which objects are told apart. Failing calls leave the error in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class Libc
{
    internal const int OpenReadOnly = 0;
    internal const int OpenNonblock = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int EmptyPath = 0x1000;
    internal const uint StatxBasicAndBirth = 0xfff;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(SafeHandle directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GetAttribute(SafeHandle file, string name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetAttribute(SafeHandle file, string name, byte* value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RemoveAttribute(SafeHandle file, string name);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(SafeHandle file, nuint request, byte* argument);

    /// <summary>A path with all links resolved; null: there is nothing of that name.</summary>
    internal static string? RealPath(string path)
    {
        nint found = RealPath(path, 0);
        if (found == 0)
            return null;
        try
        {
            return Marshal.PtrToStringUTF8(found);
        }
        finally
        {
            NativeMemory.Free((void*)found); // the C library's own allocator, which realpath uses
        }
    }

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint into);
}
