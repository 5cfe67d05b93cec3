using System.Runtime.InteropServices;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>struct ifaddrmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressBody
{
    internal byte Family;
    internal byte PrefixLength;
    internal byte Flags;
    internal byte Scope;
    internal int Index;
}
