using System.Text.RegularExpressions;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>The manual's test 3, which its own release could not pass: real guests of different workloads exchange no packets, those of one do.</summary>
public sealed partial class WorkloadTrafficTests : IAsyncLifetime
{
    private const string Policy = "example.traffic";

    private readonly Appliance _appliance = new();
    private readonly string _namespace = $"hospes-acm-{Environment.ProcessId}";
    private bool _hasNetwork;

    public async Task InitializeAsync()
    {
        _hasNetwork = Environment.UserName == "root" && File.Exists("/dev/net/tun") && File.Exists("/usr/sbin/nft");
        (await _appliance.HostAsync(_hasNetwork ? ["xend", "start", "--netns", _namespace] : ["xend", "start"])).Succeeded();
    }

    public Task DisposeAsync() => _appliance.DisposeAsync();

    [SkippableFact]
    public async Task Domains_of_different_workloads_exchange_no_packets()
    {
        Skip.IfNot(_hasNetwork, "a network namespace with taps and filters takes root, /dev/net/tun and nft");
        string definition = Path.Combine(_appliance.Root, "traffic.wld");
        await File.WriteAllTextAsync(definition, "ezpolicy = {'orgs': [['Avis', []], ['Hertz', []]], 'cons': []}\n");
        foreach (string[] words in (string[][])[["ezpolicy", definition, Policy], ["makepolicy", Policy], ["loadpolicy", Policy]])
            (await _appliance.XmAsync(words)).Succeeded();
        // The two of one workload give each other a file; the third, which nobody answers, itself.
        (string Name, string Label, string Peer)[] guests = [("avis1", "Avis", "avis2"), ("avis2", "Avis", "avis1"), ("hertz", "Hertz", "hertz")];
        foreach ((string name, string label, string peer) in guests)
        {
            string more = $"vif = ['']\naccess_control = ['policy={Policy},label={label}']";
            (await _appliance.XmAsync("create", _appliance.Write(new GuestConfiguration(name) { MemoryMiB = 128, Extra = $"hospes.tour hospes.peer={peer}", More = more }))).Succeeded();
        }

        foreach ((string name, _, _) in guests)
            await _appliance.ConsoleSaysAsync(name, "hospes: tour is over");
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

    private string Address(string guest) => AddressLine().Match(_appliance.Console(guest)) is { Success: true } line
        ? line.Groups["address"].Value
        : throw new InvalidOperationException($"{guest} has got no address; it said: {_appliance.Console(guest)}");

    [GeneratedRegex(@"tour: address by DHCP: (?<address>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressLine();
}
