using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>netif_extra_info, 8 bytes, in the place of a request or a response: a packet that is to be cut into segments.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExtraInformation
{
    internal const byte Segmentation = 1;
    internal const byte More = 1;
    internal const byte Tcp4 = 1;
    internal const byte Tcp6 = 2;

    internal byte Type;
    internal byte Flags;
    internal ushort SegmentSize;
    internal byte SegmentType;
    internal byte Padding;
    internal ushort Features;
}
