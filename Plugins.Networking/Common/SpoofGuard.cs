using System.Globalization;
using System.Net;
using System.Text;
using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Common;

/// <summary>
/// Keeps a guest to its own addresses: one chain for each interface at its ingress, before bridge, router and dom0 itself see a frame. The chain goes
/// with the interface.
/// </summary>
/// <remarks>
/// With addresses given: ARP and neighbour advertisements only for these, IP only from these, DHCP requests and the unspecified address of one
/// who is still looking for his; IPv6 link-local addresses when any IPv6 is given; no other protocol. Without: any, from the guest's own MAC.
/// </remarks>
internal static class SpoofGuard
{
    /// <summary>Sets the guard for an interface, or a new one in place of it.</summary>
    internal static void Set(PacketFilter filter, VifRequest vif, IReadOnlyList<InterfaceAddress> allowed)
    {
        string table = $"netdev {OwnerMark.Table(vif.Network)}";
        string chain = $"{table} {vif.Interface}";
        StringBuilder text = new();
        string head = $"{chain} {{ type filter hook ingress device \"{vif.Interface}\" priority 0; policy accept; }}";
        text.AppendLine(CultureInfo.InvariantCulture, $"add table {table}");

        // There is none as a rule: to delete it first, so as to have a new one in any case, would cost the kernel a hook more and a grace period.
        text.AppendLine(CultureInfo.InvariantCulture, $"add chain {head}");
        text.AppendLine(CultureInfo.InvariantCulture, $"flush chain {chain}");
        foreach (string rule in Rules(vif.Mac, allowed))
            text.AppendLine(CultureInfo.InvariantCulture, $"add rule {chain} {rule}");
        filter.Apply($"keep {vif.Interface} to its own addresses", text.ToString());
    }

    /// <summary>Takes the guard away; the interface may be gone, and the guard with it.</summary>
    internal static void Remove(PacketFilter filter, VifRequest vif)
    {
        string table = $"netdev {OwnerMark.Table(vif.Network)}";
        filter.Apply(
            $"take the filter of {vif.Interface} away",
            $"add table {table}\nadd chain {table} {vif.Interface}\nflush chain {table} {vif.Interface}\ndelete chain {table} {vif.Interface}\n");
    }

    /// <summary>Takes what is left of all guards away: a table without chains.</summary>
    internal static void RemoveAll(PacketFilter filter, NetworkRequest request)
    {
        if (filter.Show("netdev", OwnerMark.Table(request)).Length != 0)
            filter.Apply("take the filters away", $"delete table netdev {OwnerMark.Table(request)}\n");
    }

    private static IEnumerable<string> Rules(MacAddress mac, IReadOnlyList<InterfaceAddress> allowed)
    {
        yield return $"ether saddr != {mac} counter drop";
        yield return $"ether type arp arp saddr ether != {mac} counter drop";
        if (allowed.Count == 0)
            yield break;
        string[] version4 = [.. allowed.Where(static address => !address.IsVersion6).Select(static address => address.Network.ToString())];
        InterfaceAddress[] version6 = [.. allowed.Where(static address => address.IsVersion6)];
        if (version4.Length != 0)
        {
            string set = $"{{ {string.Join(", ", version4)} }}";
            yield return $"ether type arp arp saddr ip {set} accept";
            yield return "ether type arp arp saddr ip 0.0.0.0 accept"; // is an address free? (RFC 5227)
            yield return $"ether type ip ip saddr {set} accept";
            yield return "ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept";
        }

        if (version6.Length != 0)
        {
            // The target of an advertisement: 128 bits after the first 64 of the message (RFC 4861, 4.4). 0x3fa: the prefix fe80::/10.
            yield return "icmpv6 type nd-neighbor-advert @th,64,10 0x3fa accept";
            foreach (InterfaceAddress address in version6)
            {
                yield return $"icmpv6 type nd-neighbor-advert @th,64,{Math.Max(address.PrefixLength, 1)} {Prefix(address)} accept";
            }

            yield return "icmpv6 type nd-neighbor-advert counter drop";
            yield return $"ether type ip6 ip6 saddr {{ ::, fe80::/10, {string.Join(", ", version6.Select(static address => address.Network))} }} accept";
        }

        yield return "counter drop";
    }

    private static string Prefix(InterfaceAddress address)
    {
        UInt128 bits = 0;
        foreach (byte octet in address.Address.GetAddressBytes())
            bits = bits << 8 | octet;
        return $"0x{bits >> (128 - Math.Max(address.PrefixLength, 1)):x}";
    }
}
