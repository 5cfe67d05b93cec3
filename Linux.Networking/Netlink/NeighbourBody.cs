using System.Runtime.InteropServices;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>struct ndmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourBody
{
    internal byte Family;
    internal byte Padding;
    internal ushort Padding2;
    internal int Index;
    internal ushort State;
    internal byte Flags;
    internal byte Type;
}
