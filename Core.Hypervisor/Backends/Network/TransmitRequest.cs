using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>netif_tx_request, 12 bytes (fact sheet "Guest ABI", section 12.2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TransmitRequest
{
    /// <summary>flags: the checksum is left to us.</summary>
    internal const ushort ChecksumBlank = 1;

    /// <summary>flags: the packet goes on in the next slot.</summary>
    internal const ushort MoreData = 4;

    /// <summary>flags: what follows is extra information.</summary>
    internal const ushort ExtraInformation = 8;

    internal uint Grant;
    internal ushort Offset;
    internal ushort Flags;
    internal ushort Id;
    internal ushort Size;
}
