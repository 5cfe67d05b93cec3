using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>netif_rx_response, 8 bytes. The flags' order is not the transmitter's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReceiveResponse
{
    internal const ushort DataValidated = 1;
    internal const ushort ChecksumBlank = 2;
    internal const ushort MoreData = 4;
    internal const ushort ExtraInformation = 8;

    internal ushort Id;
    internal ushort Offset;
    internal ushort Flags;

    /// <summary>Bytes in the page, or an error.</summary>
    internal short Status;
}
