using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>struct pollfd. A negative descriptor is passed over.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollRequest
{
    internal int Fd; // fd
    internal short Events; // events
    internal short Returned; // revents
}
