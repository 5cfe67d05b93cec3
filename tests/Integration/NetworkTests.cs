using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>Two real guests behind address translation: the appliance is in a network namespace of its own, made by its start and gone with its stop.</summary>
public sealed class NetworkTests(NetworkedGuests guests) : IClassFixture<NetworkedGuests>
{
    private readonly Appliance _appliance = guests.Appliance;

    [SkippableFact]
    public void Guests_get_addresses_names_each_other_and_files()
    {
        guests.Require();
        foreach ((string name, string peer) in ((string, string)[])[("net1", "net2"), ("net2", "net1")])
        {
            string console = _appliance.Console(name);
            console.Should().MatchRegex(@"tour: address by DHCP: 10\.0\.\d+\.1\n").And.MatchRegex(@"tour: name dom0: 10\.0\.\d+\.128\n");
            console.Should().MatchRegex(@"tour: ping gateway 10\.0\.\d+\.128: min/avg/max").And.MatchRegex($"tour: ping {peer}: min/avg/max");
            console.Should().Contain($"tour: file from {peer} by HTTP: 4194304 bytes, intact\n");
        }
    }

    [SkippableFact]
    public async Task Interfaces_are_listed_in_Xens_columns()
    {
        guests.Require();
        string[] lines = (await _appliance.XmAsync("network-list", "net1")).Succeeded().Lines;
        lines.Should().HaveCount(2);
        lines[0].Should().Be("Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref BE-path");
        lines[1].Should().MatchRegex(@"^0   0  00:16:3e:[0-7][0-9a-f](:[0-9a-f]{2}){2}    0     4      \d+ +\d+ */\d+ +/local/domain/0/backend/vif/\d+/0 *$");
        (await _appliance.XmAsync("list", "--long", "net1")).Succeeded().Output.Should().Contain("(vif");
    }

    [SkippableFact]
    public async Task An_interface_comes_and_goes_while_the_guest_runs()
    {
        guests.Require();
        int domid = await _appliance.DomidAsync("net1");
        using ConsoleWatcher console = new(_appliance, domid);
        (await _appliance.XmAsync("network-attach", "net1", "mac=00:16:3e:00:00:77", "rate=8Mb/s")).Succeeded();
        await console.TypeAsync("until ifconfig eth1 up 2>/dev/null; do sleep 1; done; udhcpc -i eth1 -n -q -t 20 -s /bin/true 2>&1 | grep -c 'lease of 10' | sed s/^/leases=/\n");
        await console.SeesAsync("leases=1");
        (await _appliance.XmAsync("network-attach", "net1", "mac=00:16:3e:00:00:77")).Failed("The mac \"00:16:3e:00:00:77\" is already defined");
        (await _appliance.XmAsync("network-attach", "net2", "mac=00:16:3e:00:00:77")).Failed("of domain 'net1'");
        (await _appliance.XmAsync("network-detach", "net1", "1")).Succeeded();
        (await _appliance.XmAsync("network-list", "net1")).Succeeded().Lines.Should().HaveCount(2);
        (await _appliance.XmAsync("network-detach", "net1", "1")).Failed("Device 1 not connected");
        await console.TypeAsync("until ! ifconfig eth1 2>/dev/null; do sleep 1; done; echo gone=$((3 + 4))\n");
        await console.SeesAsync("gone=7");
    }

    [SkippableTheory]
    [InlineData("mac=01:16:3e:00:00:01", "multicast")]
    [InlineData("mac=nonsense", "is not of the form")]
    [InlineData("vifname=sixteencharacter", "1 to 15 letters")]
    [InlineData("bridge=nosuch script=vif-bridge", "Could not find bridge device nosuch")]
    [InlineData("script=nosuch", "neither a plugin")]
    [InlineData("script=../../../bin/sh", "only scripts there are run")]
    [InlineData("ip=300.1.1.1", "neither an address")]
    [InlineData("backend=3", "served by Domain-0")]
    [InlineData("type=ioemu", "HVM")]
    public async Task What_cannot_be_an_interface_is_refused_and_leaves_nothing(string words, string why)
    {
        guests.Require();
        (await _appliance.XmAsync(["network-attach", "net2", .. words.Split(' ')])).Failed(why);
        (await _appliance.XmAsync("network-list", "net2")).Succeeded().Lines.Should().HaveCount(2);
    }

    [SkippableFact]
    public async Task A_script_of_ones_own_is_run_as_Xen_runs_it()
    {
        guests.Require();
        string folder = Directory.CreateDirectory(Path.Combine(_appliance.Root, "etc/xen/scripts")).FullName;
        string seen = Path.Combine(_appliance.Root, "seen");
        Script(Path.Combine(folder, "vif-mine"), $"""
            echo "$* $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH $vif" >>{seen}
            ip link set "$vif" up
            """);
        Script(Path.Combine(folder, "vif-bad"), "echo 'no cable in the wall' >&2; exit 3");
        int domid = await _appliance.DomidAsync("net2");
        (await _appliance.XmAsync("network-attach", "net2", "script=vif-mine colour=blue")).Succeeded();
        (await _appliance.XmAsync("network-detach", "net2", "1", "--force")).Succeeded();
        (await File.ReadAllLinesAsync(seen)).Should().Equal(
            $"online colour=blue vif backend/vif/{domid}/1 backend vif{domid}.1", $"offline colour=blue vif backend/vif/{domid}/1 backend vif{domid}.1");
        (await _appliance.XmAsync("network-attach", "net2", "script=vif-bad")).Failed("no cable in the wall");
        (await _appliance.XmAsync("network-list", "net2")).Succeeded().Lines.Should().HaveCount(2);
    }

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
