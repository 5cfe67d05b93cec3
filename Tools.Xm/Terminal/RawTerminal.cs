using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>Puts a terminal into raw mode, so that each key, Ctrl-C among them, goes to the guest; gives it back as it was.</summary>
internal sealed unsafe class RawTerminal : IDisposable
{
    private readonly int _fd;
    private TerminalModes _before;
    private int _restored;

    private RawTerminal(int fd, TerminalModes before)
    {
        _fd = fd;
        _before = before;
    }

    /// <summary>Null if the descriptor is not a terminal: then there is nothing to change.</summary>
    public static RawTerminal? Enter(int fd)
    {
        if (Libc.IsTerminal(fd) == 0)
            return null;
        // Both structures live on this frame and are as large as the C library's.
        TerminalModes before;
        if (Libc.GetTerminal(fd, &before) != 0)
            throw Failure("read the modes of the terminal");
        TerminalModes raw = before;
        Libc.MakeRaw(&raw);
        RawTerminal terminal = new(fd, before);
        if (Libc.SetTerminal(fd, Libc.Drain, &raw) != 0)
            throw Failure("put the terminal into raw mode");
        return terminal;
    }

    /// <summary>May be called from several threads and more than once: the first call does it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _restored, 1) != 0)
            return;
        TerminalModes before = _before;
        while (Libc.SetTerminal(_fd, Libc.Drain, &before) != 0 && Marshal.GetLastPInvokeError() == Libc.InterruptedCall)
        {
            // A signal came in between: the terminal still has to be given back.
        }
    }

    private static IOException Failure(string what) =>
        new($"Cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
