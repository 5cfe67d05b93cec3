using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary><c>struct pollfd</c>, poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    /// <summary><c>fd</c>.</summary>
    public int Descriptor;

    /// <summary><c>events</c>.</summary>
    public short Wanted;

    /// <summary><c>revents</c>.</summary>
    public short Happened;
}
