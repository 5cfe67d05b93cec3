namespace Hospes.Linux.Networking.Links;

/// <summary>What an interface counts, as the host sees it: received is what came in from the wire (for a tap: from the guest).</summary>
/// <param name="ReceivedPackets">rx_packets.</param>
/// <param name="SentPackets">tx_packets.</param>
/// <param name="ReceivedBytes">rx_bytes.</param>
/// <param name="SentBytes">tx_bytes.</param>
/// <param name="ReceiveErrors">rx_errors.</param>
/// <param name="SendErrors">tx_errors.</param>
/// <param name="ReceiveDrops">rx_dropped.</param>
/// <param name="SendDrops">tx_dropped.</param>
public readonly record struct LinkCounters(
    ulong ReceivedPackets, ulong SentPackets, ulong ReceivedBytes, ulong SentBytes, ulong ReceiveErrors, ulong SendErrors, ulong ReceiveDrops, ulong SendDrops);
