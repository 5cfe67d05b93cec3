using System.Runtime.InteropServices;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Tests;

/// <summary>A terminal whose keyboard and screen are in the test's hands.</summary>
internal sealed unsafe partial class PseudoTerminal : IDisposable
{
    public PseudoTerminal()
    {
        int master = -1;
        int terminal = -1;
        OpenPty(&master, &terminal, null, null, null).Should().Be(0);
        (Master, Terminal) = (master, terminal);
    }

    /// <summary>The person's side.</summary>
    public int Master { get; }

    /// <summary>The program's side.</summary>
    public int Terminal { get; }

    public TerminalModes Modes
    {
        get
        {
            TerminalModes modes;
            Libc.GetTerminal(Terminal, &modes).Should().Be(0);
            return modes;
        }
    }

    /// <summary>Whether keys are passed on at once, without echo and without signals.</summary>
    public bool IsRaw => (Modes.Local & (8 | 2 | 1)) == 0; // ECHO, ICANON, ISIG

    public void Type(string keys) => new FdStream(Master).Write(System.Text.Encoding.UTF8.GetBytes(keys));

    public string Read(int count)
    {
        byte[] buffer = new byte[count];
        fixed (byte* data = buffer) // pinned for the time of the calls
        {
            for (int done = 0; done < count;)
            {
                nint got = Libc.Read(Master, data + done, (nuint)(count - done));
                ((long)got).Should().BePositive();
                done += (int)got;
            }
        }

        return System.Text.Encoding.UTF8.GetString(buffer);
    }

    public void Dispose()
    {
        Close(Master);
        Close(Terminal);
    }

    [LibraryImport("libc", EntryPoint = "openpty")]
    private static partial int OpenPty(int* master, int* terminal, void* name, void* modes, void* size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
