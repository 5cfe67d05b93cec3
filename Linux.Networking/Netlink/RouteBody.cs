using System.Runtime.InteropServices;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>struct rtmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteBody
{
    internal byte Family;
    internal byte DestinationLength;
    internal byte SourceLength;
    internal byte Service;
    internal byte Table;
    internal byte Protocol;
    internal byte Scope;
    internal byte Type;
    internal uint Flags;
}
