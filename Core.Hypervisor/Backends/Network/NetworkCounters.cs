namespace Hospes.Hypervisor.Backends.Network;

/// <summary>What a device has done, from the guest's view: transmitted is what it sent. Each is written by one thread at a time, read by any.</summary>
internal sealed class NetworkCounters
{
    internal long TransmittedPackets;
    internal long TransmittedBytes;
    internal long TransmitErrors;
    internal long TransmitDrops;
    internal long ReceivedPackets;
    internal long ReceivedBytes;
    internal long ReceiveErrors;
    internal long ReceiveDrops;
}
