namespace Hospes.Hypervisor.Backends.Network;

/// <summary>What the control plane says of a device.</summary>
public sealed record NetworkSettings
{
    /// <summary>The largest packet that its wire takes, without the Ethernet header.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Bytes that the guest may transmit in an interval.</summary>
    public uint RateBytes { get; init; } = uint.MaxValue;

    /// <summary>The interval in microseconds; 0: no limit.</summary>
    public uint RateInterval { get; init; }
}
