using System.Globalization;
using Hospes.Host.Devices.Network;
using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>What the Host tells a domain's process about an interface, beside the tap's queues.</summary>
internal sealed record NetworkFactorySettings
{
    /// <summary>The key of the largest packet, known only once the interface is connected.</summary>
    public const string MtuKey = "mtu";

    /// <summary>How much the guest may transmit.</summary>
    public required VifRate Rate { get; init; }

    /// <summary>From what came over the control channel.</summary>
    public static NetworkSettings Read(IReadOnlyDictionary<string, string> settings) => new()
    {
        Mtu = int.Parse(settings[MtuKey], CultureInfo.InvariantCulture),
        RateBytes = uint.Parse(settings["rate-bytes"], CultureInfo.InvariantCulture),
        RateInterval = uint.Parse(settings["rate-interval"], CultureInfo.InvariantCulture),
    };

    /// <summary>For the control channel.</summary>
    public Dictionary<string, string> Write() => new(StringComparer.Ordinal)
    {
        ["rate-bytes"] = Rate.Bytes.ToString(CultureInfo.InvariantCulture),
        ["rate-interval"] = Rate.Microseconds.ToString(CultureInfo.InvariantCulture),
    };
}
