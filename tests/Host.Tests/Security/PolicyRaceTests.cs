using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Security;

/// <summary>Labels and policies that change while domains are made: whoever comes first, no domain has what the policy in force forbids it.</summary>
public sealed class PolicyRaceTests : IAsyncLifetime
{
    private const string Policy = "race.test";
    private const int Rounds = 8;

    private Appliance _appliance = null!;
    private string _disk = "";
    private string _form = "";

    public async Task InitializeAsync()
    {
        _appliance = await Appliance.StartAsync(isSecure: true);
        _disk = _appliance.Temporary("disk");
        await File.WriteAllBytesAsync(_disk, new byte[1 << 20]);
        string kernel = _appliance.Kernel("loops", "W"u8);
        _form = Appliance.Form(
            "racer", kernel, $"(security ((access_control (policy {Policy}) (label Avis)))) (device (vbd (uname 'file:{_disk}') (dev xvda) (mode w)))");
        await _appliance.PostAsync("v1/security/workloads", new { definition = "ezpolicy = {'orgs': [['Avis', []], ['Hertz', []]], 'cons': []}", policy = Policy, save = 1 });
        await _appliance.PostAsync("v1/security/make", new { name = Policy });
        await _appliance.PostAsync("v1/security/load", new { name = Policy });
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_label_that_changes_while_a_domain_is_made()
    {
        for (int round = 0; round < Rounds; round++)
        {
            await LabelAsync("Avis");
            Task<bool> create = DoesAsync(() => _appliance.CreateAsync(_form));
            Task<bool> relabel = DoesAsync(async () =>
            {
                // At a different place of the creation each time.
                for (int step = 0; step < round; step++)
                    await _appliance.GetAsync("v1/domains");
                await _appliance.PostAsync("v1/security/resource-unlabel", new { name = $"file:{_disk}" });
                return await LabelAsync("Hertz");
            });
            bool runs = await create;
            bool changed = await relabel;
            (runs && changed).Should().BeFalse($"round {round}: the disk of a domain of Avis has become Hertz'");
            if (runs)
                await DestroyAsync();
            else
                (await _appliance.StateAsync("racer")).Should().BeNull();
            await DoesAsync(() => _appliance.PostAsync("v1/security/resource-unlabel", new { name = $"file:{_disk}" }));
        }

        // One after the other: the domain is made, and its disk's label stays.
        await LabelAsync("Avis");
        await _appliance.CreateAsync(_form);
        (await DoesAsync(() => _appliance.PostAsync("v1/security/resource-unlabel", new { name = $"file:{_disk}" }))).Should().BeFalse();
    }

    [Fact]
    public async Task A_policy_that_changes_while_a_domain_is_made()
    {
        await LabelAsync("Avis");
        string open = await _appliance.TextAsync("v1/security/source");

        // The domain's label stays, that of its disk goes.
        string narrow = Regex.Replace(open, "<ResourceLabel>\\s*<Name>Avis</Name>.*?</ResourceLabel>", "", RegexOptions.Singleline)
            .Replace("<Version>1.0</Version>", "<Version>1.1</Version>", StringComparison.Ordinal);
        narrow.Should().NotBe(open);
        for (int round = 0; round < Rounds; round++)
        {
            Task<bool> create = DoesAsync(() => _appliance.CreateAsync(_form));
            Task<bool> change = DoesAsync(async () =>
            {
                for (int step = 0; step < round; step++)
                    await _appliance.GetAsync("v1/domains");
                return await InstallAsync(narrow);
            });
            bool runs = await create;
            bool changed = await change;
            (runs && changed).Should().BeFalse($"round {round}: a domain runs with a disk that the policy in force does not let it have");
            ((string)(await _appliance.GetAsync("v1/security"))["version"]!).Should().Be(changed ? "1.1" : "1.0", "what was refused left the old policy in force");
            if (runs)
                await DestroyAsync();
            await InstallAsync(open);
        }
    }

    private Task<JsonNode> LabelAsync(string label) => _appliance.PostAsync("v1/security/resource-label", new { resource = $"file:{_disk}", name = label });

    private Task<JsonNode> InstallAsync(string source) => _appliance.PostAsync("v1/security/install", new { source, load = 1 });

    private async Task DestroyAsync()
    {
        await _appliance.PostAsync("v1/domains/racer/destroy");
        await _appliance.WaitForStateAsync("racer", null);
    }

    private static async Task<bool> DoesAsync(Func<Task<JsonNode>> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (FaultException)
        {
            return false;
        }
    }
}
