using Hospes.Hypervisor.Backends.Devices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>What a front-end says it can do with packets that it receives (fact sheet "Guest ABI", section 12.2).</summary>
/// <param name="HasScatterGather">A packet may have several pages.</param>
/// <param name="TakesChecksums4">It finishes checksums of IPv4.</param>
/// <param name="TakesChecksums6">It finishes checksums of IPv6.</param>
/// <param name="TakesSegments4">It takes TCP packets of IPv4 longer than the MTU.</param>
/// <param name="TakesSegments6">It takes TCP packets of IPv6 longer than the MTU.</param>
internal readonly record struct GuestAbilities(bool HasScatterGather, bool TakesChecksums4, bool TakesChecksums6, bool TakesSegments4, bool TakesSegments6)
{
    private const uint TapChecksum = 1, TapSegments4 = 2, TapSegments6 = 4;

    /// <summary>TUN_F_* for the tap: what of it the host's own network stack may leave undone.</summary>
    internal uint TapOffloads => !TakesChecksums4 ? 0
        : TapChecksum | (TakesSegments4 ? TapSegments4 : 0) | (TakesSegments6 ? TapSegments6 : 0);

    /// <summary>Reads the front-end's nodes.</summary>
    internal static GuestAbilities Read(FrontendNodes front)
    {
        bool gather = front.Flag("feature-sg");
        bool checksums4 = !front.Flag("feature-no-csum-offload");
        bool checksums6 = front.Flag("feature-ipv6-csum-offload");
        return new GuestAbilities(
            gather, checksums4, checksums6,
            TakesSegments4: gather && checksums4 && front.Flag("feature-gso-tcpv4"),
            TakesSegments6: gather && checksums4 && checksums6 && front.Flag("feature-gso-tcpv6"));
    }
}
