using Hospes.Linux.Networking;
using Hospes.Networking.Bridge;
using Hospes.Networking.Nat;
using Hospes.Networking.Route;
using Hospes.Sdk.Networking;
using Hospes.TestKit.Networking;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Networking.Tests;

/// <summary>Workloads kept apart with real packets: on a bridge, over routes, behind translation, and from one to another.</summary>
public sealed class TrafficGuardTests : IDisposable
{
    private const string Table = "hospes-test-acm";
    private const int Cola = 3;
    private const int Pepsi = 7;
    private const int Both = 9;

    private readonly TestHost _host = new();
    private readonly List<GuardedInterface> _guarded = [];

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public void On_a_bridge_a_class_hears_its_own_and_those_it_may()
    {
        new NetworkBridge().Start(_host.Request());
        VifBridge script = new();
        TestGuest[] guests = [.. Enumerable.Range(1, 4).Select(number => _host.AddGuest(number).With($"192.0.2.{number}/24"))];
        foreach ((TestGuest guest, int number) in guests.Zip([Cola, Cola, Pepsi, Both]))
            Connect(script, guest, number, $"192.0.2.{guest.Domain}");
        Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, "192.0.2.2").Should().BeTrue("they are of one class");
        Traffic.Reaches(guests[0].Namespace, guests[3].Namespace, "192.0.2.4").Should().BeTrue("they share a type");
        Traffic.Reaches(guests[2].Namespace, guests[3].Namespace, "192.0.2.4").Should().BeTrue("they share a type");
        Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, "192.0.2.3", isExpected: false).Should().BeFalse();
        Traffic.Reaches(guests[2].Namespace, guests[1].Namespace, "192.0.2.2", isExpected: false).Should().BeFalse();
    }

    [SkippableFact]
    public void Over_routes()
    {
        new NetworkRoute().Start(_host.Request());
        VifRoute script = new();
        TestGuest[] guests = [.. Enumerable.Range(1, 3).Select(number => _host.AddGuest(number).With($"198.51.100.{number}/24"))];
        foreach ((TestGuest guest, int number) in guests.Zip([Cola, Pepsi, Both]))
            Connect(script, guest, number, $"198.51.100.{guest.Domain}");
        Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, "198.51.100.3").Should().BeTrue();
        Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, "198.51.100.2", isExpected: false).Should().BeFalse();
    }

    [SkippableFact]
    public void Behind_translation()
    {
        new NetworkNat().Start(_host.Request("subnet=10.0.0.0/16"));
        using VifNat script = new(NullLoggerFactory.Instance);
        TestGuest[] guests = [.. Enumerable.Range(1, 3).Select(number => _host.AddGuest(number))];
        string[] addresses = [.. guests.Zip([Cola, Pepsi, Both]).Select(pair => Connect(script, pair.First, pair.Second, null, "subnet=10.0.0.0/16").Addresses[0].ToString())];
        foreach ((TestGuest guest, string address) in guests.Zip(addresses))
            guest.With(address);
        Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, addresses[2].Split('/')[0]).Should().BeTrue();
        Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, addresses[1].Split('/')[0], isExpected: false).Should().BeFalse();
    }

    [SkippableFact]
    public void From_a_bridge_through_the_machine_to_a_route()
    {
        new NetworkBridge().Start(_host.Request());
        new NetworkRoute().Start(_host.Request());
        TestGuest near = _host.AddGuest(1).With("192.0.2.1/24");
        TestGuest far = _host.AddGuest(2).With("198.51.100.2/24");
        TestGuest friend = _host.AddGuest(3).With("198.51.100.3/24");
        _host.Network.Addresses.Add("xenbr0", InterfaceAddress.Parse("192.0.2.254/24"));
        Connect(new VifBridge(), near, Cola, "192.0.2.1");
        Connect(new VifRoute(), far, Pepsi, "198.51.100.2");
        Connect(new VifRoute(), friend, Both, "198.51.100.3");
        near.Network.Routes.Set(System.Net.IPNetwork.Parse("198.51.100.0/24"), "eth0", System.Net.IPAddress.Parse("192.0.2.254"));
        foreach (TestGuest guest in (TestGuest[])[far, friend])
            guest.Network.Routes.Set(System.Net.IPNetwork.Parse("192.0.2.0/24"), "eth0");
        Traffic.Reaches(near.Namespace, friend.Namespace, "198.51.100.3").Should().BeTrue("the machine routes between them");
        Traffic.Reaches(near.Namespace, far.Namespace, "198.51.100.2", isExpected: false).Should().BeFalse("another way is no way either");
    }

    [SkippableFact]
    public void The_machine_itself_is_as_its_label_says()
    {
        new NetworkBridge().Start(_host.Request());
        _host.Network.Addresses.Add("xenbr0", InterfaceAddress.Parse("192.0.2.254/24"));
        TestGuest open = _host.AddGuest(1).With("192.0.2.1/24");
        TestGuest closed = _host.AddGuest(2).With("192.0.2.2/24");
        Connect(new VifBridge(), open, Cola, "192.0.2.1");
        Connect(new VifBridge(), closed, Pepsi, "192.0.2.2", isOpen: false);
        Traffic.Reaches(open.Namespace, _host.Namespace, "192.0.2.254").Should().BeTrue();
        Traffic.Reaches(closed.Namespace, _host.Namespace, "192.0.2.254", isExpected: false).Should().BeFalse();
        Traffic.Reaches(_host.Namespace, closed.Namespace, "192.0.2.2", isExpected: false).Should().BeFalse();
    }

    [SkippableFact]
    public void Nothing_stays()
    {
        new NetworkBridge().Start(_host.Request());
        TestGuest guest = _host.AddGuest(1).With("192.0.2.1/24");
        Connect(new VifBridge(), guest, Cola, "192.0.2.1");
        PacketFilter filter = new(_host.Network);
        filter.Show("netdev", Table).Should().Contain("vif1.0-in").And.Contain("vif1.0-out");
        TrafficGuard.Remove(filter, Table, guest.Vif);
        filter.Show("netdev", Table).Should().NotContain("vif1.0");
        TrafficGuard.RemoveAll(filter, Table);
        filter.Show("netdev", Table).Should().BeEmpty();
    }

    private VifPlacement Connect(IVifScript script, TestGuest guest, int number, string? addresses, params string[] arguments) =>
        Connect(script, guest, number, addresses, isOpen: true, arguments);

    private VifPlacement Connect(IVifScript script, TestGuest guest, int number, string? addresses, bool isOpen, params string[] arguments)
    {
        int[] permitted = number switch { Cola => [Cola, Both], Pepsi => [Pepsi, Both], _ => [Cola, Pepsi, Both] };
        _guarded.Add(new GuardedInterface(guest.Vif, number, permitted, isOpen));
        TrafficGuard.Apply(new PacketFilter(_host.Network), Table, [_guarded[^1]], _guarded);
        return script.Online(_host.Vif(guest, addresses, arguments: arguments));
    }
}
