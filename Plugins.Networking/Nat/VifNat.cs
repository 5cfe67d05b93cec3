using System.Collections.Concurrent;
using System.Net;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Networking.Nat.Dns;
using Hospes.Sdk.Networking;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat;

/// <summary>
/// Gives a guest's interface its address behind the translation: dom0's end is its router, hands it the address by DHCP, and answers its questions for
/// names: other guests' (<c>NAME</c> and <c>NAME.xen.internal</c>, <c>dom0</c>) by itself, the rest as this machine would.
/// </summary>
[VifScript("vif-nat")]
public sealed class VifNat : IVifScript, IDisposable
{
    private readonly ConcurrentDictionary<string, VifServices> _services = new(StringComparer.Ordinal);
    private readonly GuestNames _names = new();
    private readonly ILogger _log;

    /// <summary>Takes the appliance's log.</summary>
    [System.Composition.ImportingConstructor]
    public VifNat(ILoggerFactory logs) => _log = logs.CreateLogger<VifNat>();

    /// <inheritdoc/>
    public VifPlacement Online(VifRequest vif)
    {
        ScriptArguments arguments = new(vif.Network.Arguments);
        GuestSubnet subnet = GuestSubnet.Of(NatState.Load(vif.Network) ?? throw new IOException(
            $"cannot connect {vif.Interface}: the network for it is not up. Start it with (network-script network-nat)"));
        using NetworkSession session = new(vif.Network);
        KernelNetwork network = session.Kernel;
        InterfaceAddress guest = Address(network, vif, subnet);
        InterfaceAddress router = subnet.Router(guest);
        Forget(vif);
        try
        {
            if (arguments.IsAntispoofing)
                SpoofGuard.Set(session.Filter, vif, vif.Addresses.Count != 0 ? vif.Addresses : [new InterfaceAddress(guest.Address, 32)]);

            // Guests take their network for one wire, and it is: dom0 answers for those behind its other interfaces.
            network.WriteSwitch($"net/ipv4/conf/{vif.Interface}/proxy_arp", "1");
            network.WriteSwitch($"net/ipv4/conf/{vif.Interface}/forwarding", "1");
            network.WriteSwitch($"net/ipv6/conf/{vif.Interface}/disable_ipv6", "1");
            network.Links.SetUp(vif.Interface);
            network.Addresses.Add(vif.Interface, new InterfaceAddress(router.Address, 32), withRoute: false);
            network.Routes.Set(new IPNetwork(guest.Address, 32), vif.Interface, source: router.Address);
            _names.Add(vif.Interface, vif.DomainName, guest.Address, router.Address);
            _services[vif.Interface] = VifServices.Start(network, vif, guest, router, arguments, _names, _log);
        }
        catch
        {
            Rollback.Run(() => TakeOff(session, vif));
            throw;
        }

        return new VifPlacement(null, [guest]);
    }

    /// <inheritdoc/>
    public void Offline(VifRequest vif)
    {
        using NetworkSession session = new(vif.Network);
        TakeOff(session, vif);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VifServices services in _services.Values)
            services.Dispose();
        _services.Clear();
    }

    // An address that was asked for counts when it is in the guests' network, where the guest can reach its router.
    private static InterfaceAddress Address(KernelNetwork network, VifRequest vif, GuestSubnet subnet)
    {
        int own = network.Links.Get(vif.Interface).Index;
        Dictionary<IPNetwork, int> routes = [];
        foreach (Linux.Networking.Links.Route route in network.Routes.List())
        {
            if (route.Destination is { } destination)
                routes.TryAdd(destination, route.Link);
        }

        if (vif.Addresses.FirstOrDefault(static address => !address.IsVersion6) is { Address: not null } asked)
        {
            if (!subnet.Network.Contains(asked.Address))
                throw new IOException($"cannot give {vif.Interface} the address {asked.Address}: the guests' network here is {subnet.Network}");
            return Owner(asked) is 0 or -1
                ? new InterfaceAddress(asked.Address, subnet.Network.PrefixLength)
                : throw new IOException($"cannot give {vif.Interface} the address {asked.Address}: another guest has it");
        }

        InterfaceAddress[] places = [.. subnet.Guest(vif.Domain, vif.Handle)];
        return places.Where(place => Owner(place) == -1).Concat(places.Where(place => Owner(place) == 0)).FirstOrDefault() is { Address: not null } free
            ? free
            : throw new IOException($"cannot give {vif.Interface} an address: all of {subnet.Network} are in use");

        // -1: ours already; 0: nobody's; else somebody's.
        int Owner(InterfaceAddress place) => !routes.TryGetValue(new IPNetwork(place.Address, 32), out int link) ? 0 : link == own ? -1 : link;
    }

    private void TakeOff(NetworkSession session, VifRequest vif)
    {
        Forget(vif);
        SpoofGuard.Remove(session.Filter, vif);
        if (session.Kernel.Links.Find(vif.Interface) is null)
            return; // its route and address went with it
        session.Kernel.Links.SetDown(vif.Interface);
        foreach (InterfaceAddress address in session.Kernel.Addresses.Of(vif.Interface))
            session.Kernel.Addresses.Delete(vif.Interface, address);
    }

    private void Forget(VifRequest vif)
    {
        _names.Remove(vif.Interface);
        if (_services.TryRemove(vif.Interface, out VifServices? services))
            services.Dispose();
    }
}
