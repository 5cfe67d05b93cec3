using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>struct winsize (ioctl_tty(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WindowSize
{
    private const nuint Request = 0x5413; // TIOCGWINSZ

    private ushort _rows; // ws_row
    private ushort _columns; // ws_col
    private ushort _width; // ws_xpixel
    private ushort _height; // ws_ypixel

    /// <summary>The size of a terminal's window; null: it has none.</summary>
    public static (int Rows, int Columns)? Of(int fd)
    {
        WindowSize size;
        return Libc.Control(fd, Request, &size) == 0 && size is { _rows: > 0, _columns: > 0 } ? (size._rows, size._columns) : null;
    }
}
