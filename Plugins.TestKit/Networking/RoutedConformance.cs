using System.Net;
using Hospes.Sdk.Networking;
using Xunit;

namespace Hospes.TestKit.Networking;

/// <summary>
/// What every pair of scripts must do that makes the machine its guests' router: guests with addresses of the machine's own network (which it answers for)
/// and of another, and a second machine on the wire.
/// </summary>
public abstract class RoutedConformance : IDisposable
{
    private const string Gateway6 = "fe80::fcff:ffff:feff:ffff";

    private readonly TestHost _near = new();
    private readonly TestHost _far = new();
    private readonly INetworkScript _network;
    private readonly IVifScript _vif;

    /// <summary>Connects the two machines.</summary>
    protected RoutedConformance()
    {
        _network = CreateNetworkScript();
        _vif = CreateVifScript();
        _near.ConnectTo(_far);
        _near.Network.Addresses.Add("eth0", InterfaceAddress.Parse("192.0.2.101/24"));
        _far.Network.Addresses.Add("eth0", InterfaceAddress.Parse("192.0.2.102/24"));
        _near.Network.Addresses.Add("eth0", InterfaceAddress.Parse("2001:db8::101/64"));
        _far.Network.Addresses.Add("eth0", InterfaceAddress.Parse("2001:db8::102/64"));
        _far.Network.Routes.Set(IPNetwork.Parse("198.51.100.0/24"), "eth0", IPAddress.Parse("192.0.2.101"));
    }

    /// <summary>The network script.</summary>
    protected abstract INetworkScript CreateNetworkScript();

    /// <summary>The vif script that goes with it.</summary>
    protected abstract IVifScript CreateVifScript();

    /// <inheritdoc/>
    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A guest of the machine's own network, one of another, the machine and the one beyond the wire.</summary>
    [SkippableFact]
    public void Guests_and_machines_reach_each_other()
    {
        (TestGuest one, TestGuest two) = Connect();
        Assert.True(Traffic.Reaches(one.Namespace, two.Namespace, "198.51.100.2"), "the other guest");
        Assert.True(Traffic.Reaches(one.Namespace, _near.Namespace, "192.0.2.101"), "this machine");
        Assert.True(Traffic.Reaches(one.Namespace, _far.Namespace, "192.0.2.102"), "the machine beyond");
        Assert.True(Traffic.Reaches(_far.Namespace, one.Namespace, "192.0.2.1"), "from beyond, where the machine answers for it");
        Assert.True(Traffic.Reaches(_far.Namespace, two.Namespace, "198.51.100.2"), "from beyond, by its route");
        Assert.True(Traffic.Reaches(one.Namespace, _far.Namespace, "2001:db8::102"), "by IPv6");
        Assert.True(Traffic.Reaches(_far.Namespace, one.Namespace, "2001:db8::1"), "and back");
    }

    /// <summary>Another's address gets nobody anywhere.</summary>
    [SkippableFact]
    public void A_guest_that_takes_anothers_address_is_not_heard()
    {
        (TestGuest one, TestGuest two) = Connect();
        one.Network.Addresses.Delete("eth0", InterfaceAddress.Parse("192.0.2.1/24"));
        one.With("192.0.2.77/24");
        Assert.False(Traffic.Reaches(one.Namespace, _near.Namespace, "192.0.2.101", isExpected: false));
        two.Network.Links.SetMac("eth0", new MacAddress(0x0016_3e99_9999));
        Assert.False(Traffic.Reaches(two.Namespace, _near.Namespace, "192.0.2.101", isExpected: false));
    }

    /// <summary>After an interface has gone, so have its routes; all may be repeated.</summary>
    [SkippableFact]
    public void Interfaces_come_and_go()
    {
        _network.Start(_near.Request());
        string before = _near.Snapshot();
        TestGuest guest = _near.AddGuest(1).With("192.0.2.1/24");
        VifRequest vif = _near.Vif(guest, "192.0.2.1 2001:db8::1");
        _vif.Online(vif);
        _vif.Online(vif);
        Assert.True(Traffic.Reaches(guest.Namespace, _near.Namespace, "192.0.2.101"));
        _vif.Offline(vif);
        _vif.Offline(vif);
        Assert.Equal(before, _near.Snapshot());
        _near.Network.Links.Delete(guest.Vif);
        _vif.Offline(vif);
        Assert.Equal(before, _near.Snapshot());
    }

    /// <summary>dom0's own address, and another guest's.</summary>
    [SkippableTheory]
    [InlineData("192.0.2.101")]
    [InlineData("198.51.100.2")]
    public void An_address_that_is_taken_is_refused(string address)
    {
        Connect();
        TestGuest third = _near.AddGuest(3);
        IOException failure = Assert.ThrowsAny<IOException>(() => _vif.Online(_near.Vif(third, address)));
        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
        Assert.False(_near.Network.Links.Get(third.Vif).IsUp);
    }

    /// <summary>Switches of the kernel are put back, also when a start was repeated.</summary>
    [SkippableFact]
    public void A_stop_puts_everything_back()
    {
        string before = _near.Snapshot();
        string answers = _near.Network.ReadSwitch("net/ipv4/conf/eth0/proxy_arp");
        _network.Start(_near.Request());
        _network.Start(_near.Request());
        Assert.NotEqual(before, _near.Snapshot());
        _network.Stop(_near.Request());
        Assert.Equal(before, _near.Snapshot());
        Assert.Equal(answers, _near.Network.ReadSwitch("net/ipv4/conf/eth0/proxy_arp"));
        _network.Stop(_near.Request());
    }

    /// <summary>An interface that is not there is said.</summary>
    [SkippableFact]
    public void A_start_that_fails_says_why_and_leaves_all_as_it_was()
    {
        string before = _near.Snapshot();
        Assert.Contains("nosuch", Assert.ThrowsAny<IOException>(() => _network.Start(_near.Request("netdev=nosuch"))).Message, StringComparison.Ordinal);
        Assert.Equal(before, _near.Snapshot());
    }

    private (TestGuest One, TestGuest Two) Connect()
    {
        _network.Start(_near.Request());
        TestGuest one = _near.AddGuest(1).With("192.0.2.1/24").With("2001:db8::1/128");
        TestGuest two = _near.AddGuest(2).With("198.51.100.2/32");
        _vif.Online(_near.Vif(one, "192.0.2.1 2001:db8::1"));
        _vif.Online(_near.Vif(two, "198.51.100.2"));

        // One believes to be on the machine's own wire; the other goes by the machine's address.
        one.Network.Routes.Set(IPNetwork.Parse("198.51.100.0/24"), "eth0");
        one.Network.Routes.Set(IPNetwork.Parse("2001:db8::/64"), "eth0", IPAddress.Parse(Gateway6));
        two.Network.Routes.Set(IPNetwork.Parse("192.0.2.0/24"), "eth0");
        return (one, two);
    }
}
