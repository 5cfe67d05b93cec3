using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Sdk.Networking;
using Xunit;

namespace Hospes.TestKit.Networking;

/// <summary>
/// What every pair of scripts must do that makes one Ethernet of its guests: two machines with three guests, connected by a wire, in namespaces that the
/// test makes and that go with it. Inherit it and say which scripts are meant.
/// </summary>
public abstract class EthernetConformance : IDisposable
{
    private const string Version4 = "192.0.2.";
    private const string Version6 = "2001:db8::";

    private readonly TestHost _near = new();
    private readonly TestHost _far = new();
    private readonly INetworkScript _network;
    private readonly IVifScript _vif;

    /// <summary>Connects the two machines.</summary>
    protected EthernetConformance()
    {
        _network = CreateNetworkScript();
        _vif = CreateVifScript();
        _near.ConnectTo(_far);
        _near.Network.Addresses.Add("eth0", InterfaceAddress.Parse($"{Version4}101/24"));
        _far.Network.Addresses.Add("eth0", InterfaceAddress.Parse($"{Version4}102/24"));
        _near.Network.Addresses.Add("eth0", InterfaceAddress.Parse($"{Version6}101/64"));
        _near.Network.Routes.Set(System.Net.IPNetwork.Parse("198.51.100.0/24"), "eth0", System.Net.IPAddress.Parse($"{Version4}102"));
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

    /// <summary>On one machine, on two, and the machines themselves; both versions of the protocol.</summary>
    [SkippableFact]
    public void Guests_and_machines_reach_each_other()
    {
        TestGuest[] guests = Connect();
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version4}2"), "the other guest here");
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, $"{Version4}3"), "the guest over there");
        Assert.True(Traffic.Reaches(guests[2].Namespace, guests[1].Namespace, $"{Version6}2"), "and back, by IPv6");
        Assert.True(Traffic.Reaches(guests[0].Namespace, _near.Namespace, $"{Version4}101"), "this machine");
        Assert.True(Traffic.Reaches(guests[0].Namespace, _far.Namespace, $"{Version4}102"), "the machine over there");
        Assert.True(Traffic.Reaches(_far.Namespace, guests[1].Namespace, $"{Version4}2"), "a guest, from there");
        Assert.Contains(guests[0].Network.Neighbours.Of("eth0"), entry => entry.Mac == guests[2].Mac); // found by ARP, not answered for
    }

    /// <summary>To all, to a group, of both versions.</summary>
    [SkippableTheory]
    [InlineData("192.0.2.255")]
    [InlineData("239.1.2.3")]
    [InlineData("ff12::1234")]
    public void What_is_sent_to_many_reaches_all(string group)
    {
        TestGuest[] guests = Connect();
        Assert.Equal([true, true], Traffic.ReachesMany(guests[0].Namespace, group, guests[1].Namespace, guests[2].Namespace));
    }

    /// <summary>With an MTU of 9000 all along, nothing is lost or cut.</summary>
    [SkippableFact]
    public void Jumbo_frames_pass()
    {
        foreach (TestHost host in (TestHost[])[_near, _far])
            host.Network.Links.SetMtu("eth0", 9000);
        TestGuest[] guests = Connect(mtu: 9000);
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version4}2", 8900));
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, $"{Version6}3", 8900));
    }

    /// <summary>Another's address on the wire, or one that was not given, gets nobody anywhere.</summary>
    [SkippableFact]
    public void A_guest_that_takes_anothers_address_is_not_heard()
    {
        TestGuest[] guests = Connect(isRestricted: true);
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version4}2"));
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version6}2"), "its own IPv6 address");
        guests[0].Network.Addresses.Delete("eth0", InterfaceAddress.Parse($"{Version4}1/24"));
        guests[0].With($"{Version4}66/24");
        Assert.False(Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, $"{Version4}3", isExpected: false), "with an address that is not its own");
        Assert.DoesNotContain(guests[2].Network.Neighbours.Of("eth0"), static entry => entry.Address.ToString() == $"{Version4}66");
        guests[1].Network.Links.SetMac("eth0", new MacAddress(0x0016_3e99_9999));
        Assert.False(Traffic.Reaches(guests[1].Namespace, guests[2].Namespace, $"{Version4}3", isExpected: false), "with a MAC that is not its own");
    }

    /// <summary>Xen's own default was not to look.</summary>
    [SkippableFact]
    public void That_can_be_switched_off()
    {
        TestGuest[] guests = Connect(isRestricted: true, "antispoof=no");
        guests[0].Network.Addresses.Delete("eth0", InterfaceAddress.Parse($"{Version4}1/24"));
        guests[0].With($"{Version4}66/24");
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[2].Namespace, $"{Version4}3"));
    }

    /// <summary>Both members may be repeated; after the second nothing passes.</summary>
    [SkippableFact]
    public void Interfaces_come_and_go()
    {
        TestGuest[] guests = Connect();
        VifRequest vif = _near.Vif(guests[0]);
        _vif.Online(vif);
        Assert.True(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version4}2"));
        _vif.Offline(vif);
        Assert.False(Traffic.Reaches(guests[0].Namespace, guests[1].Namespace, $"{Version4}2", isExpected: false));
        _vif.Offline(vif);
        _near.Network.Links.Delete(guests[0].Vif);
        _vif.Offline(vif);
    }

    /// <summary>Addresses and routes move with the physical interface, and come back.</summary>
    [SkippableFact]
    public void A_stop_puts_everything_back()
    {
        string before = _near.Snapshot();
        NetworkRequest request = _near.Request("netdev=eth0");
        _network.Start(request);
        Assert.NotEqual(before, _near.Snapshot());
        Assert.True(Traffic.Reaches(_far.Namespace, _near.Namespace, $"{Version4}101"), "the machine is where it was");
        _network.Start(request);
        Assert.True(Traffic.Reaches(_far.Namespace, _near.Namespace, $"{Version4}101"), "also after a second start");
        _network.Stop(request);
        Assert.Equal(before, _near.Snapshot());
        Assert.True(Traffic.Reaches(_far.Namespace, _near.Namespace, $"{Version4}101"));
        _network.Stop(request);
        Assert.Equal(before, _near.Snapshot());
    }

    /// <summary>Without being told to, no physical interface is touched.</summary>
    [SkippableFact]
    public void A_start_without_an_interface_leaves_all_there_are()
    {
        string before = _near.Snapshot();
        _network.Start(_near.Request());
        Assert.Equal(0, _near.Network.Links.Get("eth0").Master);
        Assert.True(Traffic.Reaches(_far.Namespace, _near.Namespace, $"{Version4}101"));
        Assert.NotEmpty(_network.Status(_near.Request()));
        _network.Stop(_near.Request());
        Assert.Equal(before, _near.Snapshot());
    }

    /// <summary>Names that are not there, arguments that mean nothing.</summary>
    [SkippableTheory]
    [InlineData("netdev=nosuch", "nosuch")]
    [InlineData("bridge=aninterfacenamethatistoolong", "aninterfacenamethatistoolong")]
    [InlineData("colour=blue", "colour")]
    [InlineData("antispoof=perhaps", "perhaps")]
    public void A_start_that_fails_says_why_and_leaves_all_as_it_was(string argument, string mentioned)
    {
        string before = _near.Snapshot();
        Exception failure = Assert.ThrowsAny<Exception>(() =>
        {
            _network.Start(_near.Request(argument));
            _vif.Online(_near.Vif(_near.AddGuest(9), null, null, argument));
        });
        Assert.True(failure is IOException or FormatException, failure.ToString());
        Assert.Contains(mentioned, failure.Message, StringComparison.Ordinal);
        _network.Stop(_near.Request());
        Assert.Equal(before, _near.Snapshot());
    }

    /// <summary>A bridge that is not there, or is none.</summary>
    [SkippableFact]
    public void An_interface_that_cannot_be_connected_stays_as_it_was()
    {
        TestGuest guest = _near.AddGuest(1);
        IOException none = Assert.ThrowsAny<IOException>(() => _vif.Online(_near.Vif(guest)));
        Assert.Equal("Could not find bridge, and none was specified", none.Message);
        Assert.Contains("eth0", Assert.ThrowsAny<IOException>(() => _vif.Online(_near.Vif(guest, null, "eth0"))).Message, StringComparison.Ordinal);
        Link link = _near.Network.Links.Get(guest.Vif);
        Assert.Equal((false, 0), (link.IsUp, link.Master));
    }

    /// <summary>Guests 1 and 2 here, 3 there, each with its number as its address.</summary>
    private TestGuest[] Connect(bool isRestricted = false, params string[] arguments) => Connect(1500, isRestricted, arguments);

    private TestGuest[] Connect(int mtu, bool isRestricted = false, params string[] arguments)
    {
        List<TestGuest> guests = [];
        foreach ((TestHost host, int[] domains) in ((TestHost, int[])[])[(_near, [1, 2]), (_far, [3])])
        {
            string[] words = ["netdev=eth0", .. arguments];
            _network.Start(host.Request(words));
            foreach (int domain in domains)
            {
                TestGuest guest = host.AddGuest(domain).With($"{Version4}{domain}/24").With($"{Version6}{domain}/64");
                guest.Network.Links.SetMtu("eth0", mtu);
                VifPlacement placement = _vif.Online(host.Vif(guest, isRestricted ? $"{Version4}{domain} {Version6}{domain}" : null, null, words));
                Assert.NotNull(placement.Bridge);
                guests.Add(guest);
            }
        }

        return [.. guests];
    }
}
