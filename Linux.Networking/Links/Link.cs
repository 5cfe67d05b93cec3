using Hospes.Sdk.Networking;

namespace Hospes.Linux.Networking.Links;

/// <summary>An interface as the kernel describes it.</summary>
public sealed record Link
{
    /// <summary>Its number in its namespace.</summary>
    public required int Index { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is: bridge, veth, tun and so on; null for a device of hardware and the loopback.</summary>
    public string? Kind { get; init; }

    /// <summary>Its address, or null when it has none that is Ethernet's.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The largest packet that it takes.</summary>
    public int Mtu { get; init; }

    /// <summary>Whether it is switched on.</summary>
    public bool IsUp { get; init; }

    /// <summary>The interface that it is a port of, by number, or 0.</summary>
    public int Master { get; init; }

    /// <summary>A note that somebody has put on it, or null.</summary>
    public string? Alias { get; init; }

    /// <summary>What has passed through it.</summary>
    public LinkCounters Counters { get; init; }
}
