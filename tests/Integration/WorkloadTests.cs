using System.Text.Json;
using System.Text.RegularExpressions;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>
/// Real guests try what their labels forbid, and get nothing; what they allow goes as far as this hypervisor does. The network is the manual's test 3, which its own
/// release could not pass.
/// </summary>
public sealed partial class WorkloadTests(ReachingGuests guests) : IClassFixture<ReachingGuests>
{
    private const string Denied = "EACCES";

    // GNTST_permission_denied and GNTST_bad_domain (Xen, public/grant_table.h).
    private const string DeniedStatus = "status -8";
    private const string NobodyStatus = "status -2";

    private readonly Appliance _appliance = guests.Appliance;

    [SkippableFact]
    public async Task Domains_of_different_workloads_exchange_no_packets()
    {
        Skip.IfNot(guests.HasNetwork, "a network namespace with taps and filters takes root, /dev/net/tun and nft");
        _appliance.Console("avis1").Should().Contain("tour: file from avis2 by HTTP: 4194304 bytes, intact\n");
        string friend = Address("avis2");
        string stranger = Address("hertz");
        using ConsoleWatcher console = new(_appliance, await _appliance.DomidAsync("avis1"));
        await console.TypeAsync($"until ping -c 1 -W 1 {friend} >/dev/null; do :; done; echo friend=$((1 + 1)); if ping -c 3 -W 1 {stranger} >/dev/null; then echo leak=$((2 + 2)); else echo silent=$((3 + 3)); fi\n");
        await console.SeesAsync("friend=2");
        (await console.UntilAsync("silent=6")).Should().NotContain("leak=4");
        _appliance.Console("hertz").Should().MatchRegex(@"tour: ping gateway [0-9.]+: min/avg/max", "it has a network, and Domain-0 answers it");

        // The filters are the kernel's: they hold on while xend is away, and when it has come back.
        (await _appliance.HostAsync("xend", "restart")).Succeeded();
        await console.TypeAsync($"until ping -c 1 -W 1 {friend} >/dev/null; do :; done; if ping -c 3 -W 1 {stranger} >/dev/null; then echo leak=$((4 + 4)); else echo silent=$((5 + 5)); fi\n");
        (await console.UntilAsync("silent=10")).Should().NotContain("leak=8");
    }

    [Fact]
    public async Task Domains_of_different_workloads_share_no_event_channels()
    {
        await using ReachingProgram owner = await StartAsync("avis1");
        await using ReachingProgram friend = await StartAsync("avis2");
        await using ReachingProgram stranger = await StartAsync("hertz");
        (await owner.TryAsync("offer", stranger.Domid)).Should().Be(Denied);
        string offer = await owner.TryAsync("offer", friend.Domid);
        offer.Should().MatchRegex("^port [0-9]+$");
        string port = offer[5..];
        (await stranger.TryAsync("bind", owner.Domid, port)).Should().Be(Denied);
        (await friend.TryAsync("bind", owner.Domid, port)).Should().Be("ESRCH", "permitted, and yet channels end at Domain-0 here");
        await AuditedAsync(owner, "EventChannelOffer", stranger);
        await AuditedAsync(stranger, "EventChannelBind", owner);
    }

    [Fact]
    public async Task Domains_of_different_workloads_share_no_memory()
    {
        await using ReachingProgram owner = await StartAsync("avis1");
        await using ReachingProgram friend = await StartAsync("avis2");
        await using ReachingProgram stranger = await StartAsync("hertz");

        // What a guest writes to its own table nobody can forbid; what others make of it is.
        string grant = await owner.TryAsync("grant", stranger.Domid, "of-avis");
        grant.Should().MatchRegex("^[0-9]+$");
        (await stranger.TryAsync("copy", owner.Domid, grant)).Should().Be(DeniedStatus);
        (await stranger.TryAsync("copy", owner.Domid, grant, "of-hertz")).Should().Be(DeniedStatus);
        foreach (string way in (string[])["map", "transfer", "frame"])
            (await stranger.TryAsync("raw", way, owner.Domid, grant)).Should().Be(DeniedStatus, way);
        (await stranger.TryAsync("raw", "table", owner.Domid, 0)).Should().Be(NobodyStatus, "another's grant table");
        (await stranger.TryAsync("raw", "foreign", owner.Domid, 0)).Should().Be("ENOSYS", "another's frames");
        (await owner.TryAsync("own", grant)).Should().Be("of-avis");
        string other = await owner.TryAsync("grant", friend.Domid, "of-avis");
        (await friend.TryAsync("copy", owner.Domid, other)).Should().Be(NobodyStatus, "permitted, and yet pages are shared with Domain-0 alone");
        foreach (string operation in (string[])["GrantCopy", "GrantMap", "GrantTransfer"])
            await AuditedAsync(stranger, operation, owner);
    }

    [Fact]
    public async Task Domains_of_different_workloads_share_no_store_nodes()
    {
        await using ReachingProgram owner = await StartAsync("avis1");
        await using ReachingProgram friend = await StartAsync("avis2");
        await using ReachingProgram stranger = await StartAsync("hertz");
        string node = $"/local/domain/{owner.Domid}/data/secret";
        (await owner.TryAsync("write", node, "of-avis")).Should().Be("answer OK");

        // Its owner lets both: the policy does not.
        (await owner.TryAsync("share", node, $"n{owner.Domid}", $"b{friend.Domid}", $"b{stranger.Domid}")).Should().Be("answer OK");
        (await friend.TryAsync("read", node)).Should().Be("answer of-avis");
        (await stranger.TryAsync("read", node)).Should().Be("error EACCES");
        (await stranger.TryAsync("write", node, "of-hertz")).Should().Be("error EACCES");
        (await stranger.TryAsync("remove", node)).Should().Be("error EACCES");
        (await friend.TryAsync("watch", node, "token")).Should().Be("answer OK");
        (await friend.TryAsync("event")).Should().Be($"{node} token", "every watch begins with one");
        await stranger.TryAsync("watch", node, "token");
        (await owner.TryAsync("write", node, "again")).Should().Be("answer OK");
        (await friend.TryAsync("event")).Should().Be($"{node} token");
        (await stranger.TryAsync("read", node)).Should().Be("error EACCES");
        (await stranger.TryAsync("seen")).Should().BeOneOf(["0", "1"], "a watch may begin with an announcement, but what it may not read it is not told of");
        await AuditedAsync(stranger, "StoreAccess", owner);
    }

    private Task<ReachingProgram> StartAsync(string guest) => ReachingProgram.StartAsync(_appliance, guest);

    // A line of the audit names who, what and by which rule; it comes from the domain's process, so not at once.
    private async Task AuditedAsync(ReachingProgram subject, string operation, ReachingProgram about)
    {
        string path = Path.Combine(_appliance.Root, "var/log/xen/acm-audit.log");
        await Eventually.HoldsAsync(
            $"the audit has {operation}", () => File.Exists(path) && File.ReadLines(path).Any(line => IsOf(line, subject.Domid, operation, about.Domid)), TimeSpan.FromSeconds(30),
            () => File.Exists(path) ? File.ReadAllText(path) : "there is no audit");
    }

    private static bool IsOf(string line, int subject, string operation, int about)
    {
        using JsonDocument denial = JsonDocument.Parse(line);
        string Field(string name) => denial.RootElement.GetProperty(name).GetString()!;
        return Field("operation") == operation && Field("rule") == "STE: no type in common" && Field("policy") == ReachingGuests.Policy
            && Subject().Match(Field("subject")) is { Success: true } who && who.Groups["domid"].Value == $"{subject}"
            && Subject().Match(Field("object")) is { Success: true } what && what.Groups["domid"].Value == $"{about}"
            && who.Groups["label"].Value != what.Groups["label"].Value;
    }

    private string Address(string guest) => AddressLine().Match(_appliance.Console(guest)) is { Success: true } line
        ? line.Groups["address"].Value
        : throw new InvalidOperationException($"{guest} has got no address; it said: {_appliance.Console(guest)}");

    [GeneratedRegex(@"tour: address by DHCP: (?<address>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"^domain \w+ \((?<domid>[0-9]+)\) with label ACM:example\.reach:(?<label>\w+)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Subject();
}
