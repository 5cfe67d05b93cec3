namespace Hospes.Linux.Networking.Taps;

/// <summary>TUN_F_* (linux/if_tun.h).</summary>
[Flags]
public enum TapOffloads : uint
{
    /// <summary>Frames come finished.</summary>
    None = 0,

    /// <summary>The checksum of TCP and UDP may be left to the receiver.</summary>
    Checksum = 1,

    /// <summary>TCP over IPv4 may come in pieces larger than the MTU.</summary>
    Segments4 = 2,

    /// <summary>TCP over IPv6 likewise.</summary>
    Segments6 = 4,

    /// <summary>Those with ECN marks too.</summary>
    SegmentsEcn = 8,
}
