using System.Net;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Route;

/// <summary>
/// Gives a guest's interface dom0's own address and routes the guest's addresses (<c>ip=</c>, a network if it has a prefix) through it; dom0 answers on
/// it for everybody else (fact sheet "xend", section 6). Guests with IPv6 take <c>fe80::fcff:ffff:feff:ffff</c>, the interface's own, for their gateway.
/// </summary>
[VifScript("vif-route")]
public sealed class VifRoute : IVifScript
{
    /// <inheritdoc/>
    public VifPlacement Online(VifRequest vif)
    {
        ScriptArguments arguments = new(vif.Network.Arguments);
        using NetworkSession session = new(vif.Network);
        KernelNetwork network = session.Kernel;
        InterfaceAddress? own = OwnAddress(network, arguments.Netdev, vif.Interface);
        foreach (InterfaceAddress guest in vif.Addresses)
            RefuseTaken(network, vif, guest);
        try
        {
            if (arguments.IsAntispoofing)
                SpoofGuard.Set(session.Filter, vif, vif.Addresses);
            network.WriteSwitch($"net/ipv4/conf/{vif.Interface}/proxy_arp", "1");
            network.WriteSwitch($"net/ipv6/conf/{vif.Interface}/proxy_ndp", "1");
            network.Links.SetUp(vif.Interface);
            if (own is { } address)
                network.Addresses.Add(vif.Interface, new InterfaceAddress(address.Address, 32), withRoute: false);
            foreach (InterfaceAddress guest in vif.Addresses)
            {
                network.Routes.Set(guest.Network, vif.Interface, source: guest.IsVersion6 ? null : own?.Address);
                AnswerFor(network, arguments.Netdev, guest);
            }
        }
        catch
        {
            Rollback.Run(() => TakeOff(session, vif, arguments));
            throw;
        }

        return new VifPlacement(null, vif.Addresses);
    }

    /// <inheritdoc/>
    public void Offline(VifRequest vif)
    {
        using NetworkSession session = new(vif.Network);
        TakeOff(session, vif, new ScriptArguments(vif.Network.Arguments));
    }

    private static void TakeOff(NetworkSession session, VifRequest vif, ScriptArguments arguments)
    {
        KernelNetwork network = session.Kernel;
        SpoofGuard.Remove(session.Filter, vif);
        foreach (InterfaceAddress guest in vif.Addresses.Where(static address => address is { IsVersion6: true, PrefixLength: 128 }))
        {
            if (Netdev(network, arguments.Netdev) is { } netdev)
                network.Neighbours.DeleteProxy(netdev.Name, guest.Address);
        }

        if (network.Links.Find(vif.Interface) is null)
            return; // its routes and addresses went with it
        foreach (InterfaceAddress guest in vif.Addresses)
            network.Routes.Delete(guest.Network, vif.Interface);
        network.Links.SetDown(vif.Interface);
        foreach (InterfaceAddress address in network.Addresses.Of(vif.Interface))
            network.Addresses.Delete(vif.Interface, address);
    }

    // Proxy ARP answers for whatever is routed elsewhere; neighbour discovery wants each address named.
    private static void AnswerFor(KernelNetwork network, string? name, InterfaceAddress guest)
    {
        if (guest is { IsVersion6: true, PrefixLength: 128 } && Netdev(network, name) is { } netdev)
            network.Neighbours.AddProxy(netdev.Name, guest.Address);
    }

    private static void RefuseTaken(KernelNetwork network, VifRequest vif, InterfaceAddress guest)
    {
        int index = network.Links.Get(vif.Interface).Index;
        if (network.Addresses.List().Any(entry => entry.Address.Address.Equals(guest.Address)))
            throw new IOException($"cannot route {guest.Address} to {vif.Interface}: it is an address of dom0 itself");
        if (network.Routes.List().FirstOrDefault(route => route.Link != index && route.Destination == guest.Network) is { } taken)
        {
            string other = network.Links.All().FirstOrDefault(link => link.Index == taken.Link)?.Name ?? "another interface";
            throw new IOException($"cannot route {guest.Network} to {vif.Interface}: it is routed to {other} already");
        }
    }

    private static Link? Netdev(KernelNetwork network, string? name)
    {
        if (network.Links.Find(name ?? "eth0") is { } named)
            return named;
        int way = network.Routes.List().FirstOrDefault(static route => route.Destination is null)?.Link ?? 0;
        return network.Links.All().FirstOrDefault(link => link.Index == way);
    }

    /// <summary>The machine's address towards the world; without one, the interface works without.</summary>
    private static InterfaceAddress? OwnAddress(KernelNetwork network, string? netdev, string vif)
    {
        int own = network.Links.Get(vif).Index;
        int? preferred = Netdev(network, netdev)?.Index;
        return network.Addresses.List()
            .Where(entry => entry.Index != own && !entry.Address.IsVersion6 && !IPAddress.IsLoopback(entry.Address.Address))
            .OrderByDescending(entry => entry.Index == preferred)
            .Select(static entry => (InterfaceAddress?)entry.Address).FirstOrDefault();
    }
}
