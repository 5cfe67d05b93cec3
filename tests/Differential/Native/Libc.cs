using System.Runtime.InteropServices;

namespace Hospes.Differential.Native;

/// <summary>The C library's calls that running foreign instructions needs; x86-64 Linux values.</summary>
internal static unsafe partial class Libc
{
    internal const int ProtNone = 0;
    internal const int ProtRead = 1;
    internal const int ProtWrite = 2;
    internal const int ProtExecute = 4;
    internal const int MapPrivate = 2;
    internal const int MapAnonymous = 0x20;

    internal const int MapFixedNoReplace = 0x10_0000;

    /// <summary>An address below 2 GiB.</summary>
    internal const int Map32Bit = 0x40;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    internal static partial int SigAction(int signal, SignalAction* action, SignalAction* old);

    /// <summary>An exception that says what was tried, with the system's own words for why it failed.</summary>
    internal static IOException Failure(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
