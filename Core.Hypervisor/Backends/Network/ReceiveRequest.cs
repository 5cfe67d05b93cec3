using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>netif_rx_request, 8 bytes: a page to be filled.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReceiveRequest
{
    internal ushort Id;
    internal ushort Padding;
    internal uint Grant;
}
