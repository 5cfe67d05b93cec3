using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>struct termios as glibc lays it out on x86-64: 60 bytes, read and given back whole.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TerminalModes
{
    internal uint Input; // c_iflag
    internal uint Output; // c_oflag
    internal uint Control; // c_cflag
    internal uint Local; // c_lflag
    internal byte Discipline; // c_line
    internal fixed byte Characters[32]; // c_cc
    internal uint InputSpeed; // c_ispeed
    internal uint OutputSpeed; // c_ospeed
}
