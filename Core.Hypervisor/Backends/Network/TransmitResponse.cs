using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>netif_tx_response, in a slot of 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TransmitResponse
{
    internal const short Dropped = -2;
    internal const short Error = -1;
    internal const short Okay = 0;

    /// <summary>The answer to a slot of extra information, of which the front-end takes no notice.</summary>
    internal const short Null = 1;

    internal ushort Id;
    internal short Status;
}
