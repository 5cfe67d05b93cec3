using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>struct virtio_net_hdr_v1 (virtio 1.1, section 5.1.6): what stands before each frame at the tap. 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VirtioHeader
{
    internal const int Size = 12;

    /// <summary>flags: the checksum from <see cref="ChecksumStart"/> to the end belongs at <see cref="ChecksumOffset"/> after that.</summary>
    internal const byte NeedsChecksum = 1;

    /// <summary>flags: the checksum has been found right.</summary>
    internal const byte DataValid = 2;

    internal const byte NoSegments = 0;
    internal const byte Tcp4 = 1;
    internal const byte Tcp6 = 4;
    internal const byte Ecn = 0x80;

    internal byte Flags;
    internal byte SegmentType;
    internal ushort HeaderLength;
    internal ushort SegmentSize;
    internal ushort ChecksumStart;
    internal ushort ChecksumOffset;
    internal ushort Buffers;
}
