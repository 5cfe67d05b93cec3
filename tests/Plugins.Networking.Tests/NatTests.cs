using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.Networking.Nat;
using Hospes.Sdk.Networking;
using Hospes.TestKit.Networking;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Networking.Tests;

/// <summary>network-nat and vif-nat: a guest gets its address, reaches others and the world, and is answered for names.</summary>
public sealed class NatTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly TestHost _world = new();
    private readonly NetworkNat _network = new();
    private readonly VifNat _vif = new(NullLoggerFactory.Instance);

    public NatTests()
    {
        _host.ConnectTo(_world);
        _host.Network.Addresses.Add("eth0", InterfaceAddress.Parse("192.0.2.101/24"));
        _world.Network.Addresses.Add("eth0", InterfaceAddress.Parse("192.0.2.102/24"));
    }

    public void Dispose()
    {
        _vif.Dispose();
        _host.Dispose();
        _world.Dispose();
    }

    [SkippableFact]
    public void Guests_get_addresses_and_reach_each_other_the_machine_and_the_world()
    {
        _network.Start(_host.Request());
        TestGuest one = Connect(1), two = Connect(2);
        Traffic.Reaches(one.Namespace, two.Namespace, "10.0.2.1").Should().BeTrue("the other guest");
        Traffic.Reaches(one.Namespace, _host.Namespace, "10.0.1.128").Should().BeTrue("the router");
        Traffic.Reaches(one.Namespace, _world.Namespace, "192.0.2.102", 64, out IPAddress? seen).Should().BeTrue("the world, which knows no way to the guest");
        seen.Should().Be(IPAddress.Parse("192.0.2.101"), "the world sees the machine");
        Traffic.Reaches(one.Namespace, two.Namespace, "10.0.2.1", 64, out seen).Should().BeTrue();
        seen.Should().Be(IPAddress.Parse("10.0.1.1"), "guests see each other");
    }

    [SkippableFact]
    public void An_offer_says_all_that_a_guest_needs()
    {
        _network.Start(_host.Request());
        TestGuest guest = _host.AddGuest(7);
        _vif.Online(_host.Vif(guest)).Addresses.Should().Equal(InterfaceAddress.Parse("10.0.7.1/16"));
        DhcpClient client = new(guest);
        Dictionary<int, byte[]> offer = client.Exchange(1, null, out IPAddress address);
        address.Should().Be(IPAddress.Parse("10.0.7.1"));
        offer[53].Should().Equal(2);
        offer[1].Should().Equal(255, 255, 0, 0);
        offer[3].Should().Equal(10, 0, 7, 128);
        offer[6].Should().Equal(10, 0, 7, 128);
        offer[54].Should().Equal(10, 0, 7, 128);
        Encoding.ASCII.GetString(offer[12]).Should().Be("guest7");
        offer[26].Should().Equal(1500 >> 8, 1500 & 255);
        client.Exchange(3, address, out _)[53].Should().Equal(5);
        client.Exchange(3, IPAddress.Parse("10.0.8.1"), out address)[53].Should().Equal([6], "what is another's is refused");
        address.Should().Be(IPAddress.Any);
    }

    [SkippableFact]
    public void Names_of_guests_and_of_the_machine_are_answered()
    {
        _network.Start(_host.Request("dns=192.0.2.102"));
        TestGuest one = Connect(1, "dns=192.0.2.102");
        Connect(2, "dns=192.0.2.102");
        NameClient names = new(one, "10.0.1.128");
        names.Ask("guest2").Should().Be((0, "10.0.2.1"));
        names.Ask("GUEST2.xen.internal").Should().Be((0, "10.0.2.1"));
        names.Ask("dom0").Should().Be((0, "10.0.1.128"));
        names.Ask("nobody").Should().Be((3, null));
        names.Ask("guest2", type: 28).Should().Be((0, null), "it has no IPv6 address");
        names.Ask("1.2.0.10.in-addr.arpa", type: 12).Should().Be((0, "guest2.xen.internal"));
    }

    [SkippableFact]
    public async Task Other_names_are_asked_for_elsewhere()
    {
        _network.Start(_host.Request("dns=192.0.2.102"));
        TestGuest one = Connect(1, "dns=192.0.2.102");
        using Socket server = _world.Namespace.Run(() =>
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 53));
            return socket;
        });
        using CancellationTokenSource end = new();
        Task answering = AnswerAsync(server, end.Token);
        new NameClient(one, "10.0.1.128").Ask("www.example.org").Should().Be((0, "203.0.113.5"));
        await end.CancelAsync();
        await answering;
    }

    [SkippableFact]
    public void A_name_that_nobody_answers_for_fails_and_others_do_not_wait_for_it()
    {
        _network.Start(_host.Request("dns=192.0.2.250"));
        TestGuest one = Connect(1, "dns=192.0.2.250");
        NameClient names = new(one, "10.0.1.128");
        byte[] question = names.Send("www.example.org", 1);
        names.Ask("dom0").Should().Be((0, "10.0.1.128"));
        names.Receive(question).Code.Should().Be(2);
    }

    [SkippableFact]
    public void A_guest_with_anothers_address_is_not_heard()
    {
        _network.Start(_host.Request());
        TestGuest one = Connect(1);
        Connect(2);
        one.Network.Addresses.Delete("eth0", InterfaceAddress.Parse("10.0.1.1/16"));
        one.With("10.0.2.1/16");
        Traffic.Reaches(one.Namespace, _host.Namespace, "10.0.1.128", isExpected: false).Should().BeFalse();
    }

    [SkippableFact]
    public void Domains_with_numbers_that_mean_the_same_place_get_different_ones()
    {
        _network.Start(_host.Request());
        InterfaceAddress[] all = [.. ((int[])[3, 259, 515, 4]).Select(domain => _vif.Online(_host.Vif(_host.AddGuest(domain))).Addresses[0])];
        all.Should().OnlyHaveUniqueItems();
        all[0].Should().Be(InterfaceAddress.Parse("10.0.3.1/16"));
    }

    [SkippableFact]
    public void A_network_that_is_in_use_is_left_alone()
    {
        _host.Network.Addresses.Add("eth0", InterfaceAddress.Parse("10.0.77.5/24"));
        _network.Start(_host.Request());
        _vif.Online(_host.Vif(_host.AddGuest(1))).Addresses[0].ToString().Should().NotStartWith("10.0.");
    }

    [SkippableFact]
    public void Interfaces_come_and_go()
    {
        _network.Start(_host.Request());
        string before = _host.Snapshot();
        TestGuest guest = _host.AddGuest(1).With("10.0.1.1/16");
        VifRequest vif = _host.Vif(guest);
        _vif.Online(vif);
        _vif.Online(vif).Addresses.Should().Equal(InterfaceAddress.Parse("10.0.1.1/16"));
        Traffic.Reaches(guest.Namespace, _host.Namespace, "10.0.1.128").Should().BeTrue();
        _vif.Offline(vif);
        _vif.Offline(vif);
        _host.Snapshot().Should().Be(before);
        _host.Network.Links.Delete(guest.Vif);
        _vif.Offline(vif);
    }

    [SkippableFact]
    public void A_stop_puts_everything_back()
    {
        string before = _host.Snapshot();
        _network.Start(_host.Request());
        _network.Start(_host.Request());
        _network.Status(_host.Request()).Should().ContainSingle().Which.Should().Contain("10.0.0.0/16");
        _host.Snapshot().Should().NotBe(before);
        VifRequest vif = _host.Vif(_host.AddGuest(1));
        _vif.Online(vif);
        _vif.Offline(vif);
        _network.Stop(_host.Request());
        _host.Snapshot().Should().Be(before);
        foreach (string family in (string[])["ip", "netdev"])
            new Hospes.Linux.Networking.PacketFilter(_host.Network).Show(family, "hospes-test").Should().BeEmpty();
        _network.Status(_host.Request()).Should().Equal("guests' addresses are not translated");
    }

    [SkippableTheory]
    [InlineData("subnet=10.0.0.0/24")]
    [InlineData("subnet=here")]
    [InlineData("netdev=nosuch")]
    [InlineData("dhpc=yes")]
    public void A_start_that_fails_says_why_and_leaves_all_as_it_was(string argument)
    {
        string before = _host.Snapshot();
        Action start = () => _network.Start(_host.Request(argument));
        start.Should().Throw<Exception>().Where(failure => failure is IOException || failure is FormatException).Which.Message.Should().Contain(argument.Split('=')[argument.StartsWith("dhpc", StringComparison.Ordinal) ? 0 : 1]);
        _host.Snapshot().Should().Be(before);
    }

    [SkippableFact]
    public void An_interface_needs_the_network()
    {
        Action online = () => _vif.Online(_host.Vif(_host.AddGuest(1)));
        online.Should().Throw<IOException>().WithMessage("*network-nat*");
    }

    // Every question, for a question may have to be repeated.
    private static async Task AnswerAsync(Socket server, CancellationToken end)
    {
        byte[] buffer = new byte[512];
        IPEndPoint any = new(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                SocketReceiveFromResult asked = await server.ReceiveFromAsync(buffer, any, end);
                await server.SendToAsync(
                    new byte[] { buffer[0], buffer[1], 0x81, 0x80, buffer[4], buffer[5], 0, 1, 0, 0, 0, 0 }
                        .Concat(buffer[12..asked.ReceivedBytes]).Concat(new byte[] { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 203, 0, 113, 5 }).ToArray(),
                    asked.RemoteEndPoint, end);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked enough.
        }
    }

    private TestGuest Connect(int domain, params string[] arguments)
    {
        TestGuest guest = _host.AddGuest(domain);
        _vif.Online(_host.Vif(guest, null, null, arguments));
        Dictionary<int, byte[]> lease = new DhcpClient(guest).Exchange(1, null, out IPAddress address);
        guest.Network.Addresses.Add("eth0", new InterfaceAddress(address, 16));
        guest.Network.Routes.Set(null, "eth0", new IPAddress(lease[3]));
        return guest;
    }
}
