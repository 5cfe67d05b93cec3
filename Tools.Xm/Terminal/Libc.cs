using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>Calls of the C library for terminals and plain descriptors; x86-64 Linux values.</summary>
internal static unsafe partial class Libc
{
    internal const int InterruptedCall = 4; // EINTR
    internal const int TryAgain = 11; // EAGAIN
    internal const int BrokenPipe = 32; // EPIPE
    internal const short PollIn = 1;
    internal const short PollOut = 4;
    internal const short PollError = 8 | 16 | 32; // POLLERR, POLLHUP, POLLNVAL


    /// <summary>TCSADRAIN: change once all output is out.</summary>
    internal const int Drain = 1;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollRequest* requests, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "isatty")]
    internal static partial int IsTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    internal static partial int GetTerminal(int fd, TerminalModes* modes);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    internal static partial int SetTerminal(int fd, int when, TerminalModes* modes);

    // ioctl(2) is variadic in C; on x86-64 its arguments are passed as those of any other function.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int fd, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    internal static partial void MakeRaw(TerminalModes* modes);
}
