using System.Text.Json.Nodes;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Security;

/// <summary>Policies installed and labels changed over the API: what is refused says why in Xen's words, and leaves all as it was.</summary>
public sealed class SetPolicyTests : IAsyncLifetime
{
    private const string Policy = "set.test";

    private Appliance _appliance = null!;

    public async Task InitializeAsync()
    {
        _appliance = await Appliance.StartAsync(isSecure: true);
        await _appliance.PostAsync("v1/security/workloads", new { definition = "ezpolicy = {'orgs': [['Avis', []], ['Hertz', []]], 'cons': [['RER1', ['Avis', 'Hertz']]]}", policy = Policy, save = 1 });
        await _appliance.PostAsync("v1/security/install", new { policy = Policy, load = 1 });
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_policy_that_running_domains_do_not_conform_to_is_neither_loaded_nor_installed()
    {
        string kernel = _appliance.Kernel("waits", "W"u8);
        JsonNode domain = await _appliance.CreateAsync(Appliance.Form("avis", kernel, Label("Avis")));
        string source = await _appliance.TextAsync("v1/security/source");
        string before = await File.ReadAllTextAsync(Source);
        string next = source.Replace("<Name>Avis</Name>", "<Name>Other</Name>", StringComparison.Ordinal);
        (await RefusedAsync(new { source = next, load = 1 })).Should().StartWith("Operation failed in hypervisor: New policy conflicts with running domains. Policy load aborted.\n")
            .And.Contain("Label 'Avis' not found.").And.EndWith($"\nHypervisor reported errors:\n(0x00000102, 0x{(int)domain["domid"]!:x8})");
        (await File.ReadAllTextAsync(Source)).Should().Be(before);
        (await _appliance.TextAsync("v1/security/source")).Should().Be(source);
        (await RefusedAsync(new { source = "<a", load = 1 })).Should().StartWith("XML is malformed: ");
        (await RefusedAsync(new { source = "<a/>" })).Should().StartWith("Error while processing XML: ");
        (await RefusedAsync(new { source = source.Replace("<Name>Avis</Name>", "<Name>Hertz</Name>", StringComparison.Ordinal) })).Should().StartWith("Policy has inconsistencies: Label 'Hertz' not unique");
        (await RefusedAsync(new { policy = Policy, noOverwrite = 1 })).Should().Be($"Policy '{Policy}' is on this system already");
        (await RefusedAsync(new { load = 1 })).Should().Contain("policy");
        (await _appliance.GetAsync("v1/security"))["version"]!.ToString().Should().Be("1.0");
    }

    [Fact]
    public async Task An_update_is_the_next_version()
    {
        await _appliance.PostAsync("v1/security/install", new { policy = Policy, update = 1, load = 1 });
        (await _appliance.GetAsync("v1/security"))["version"]!.ToString().Should().Be("1.1");
        (await File.ReadAllTextAsync(Source)).Should().MatchRegex("<FromPolicy>\\s*<PolicyName>set.test</PolicyName>\\s*<Version>1.0</Version>");
    }

    [Fact]
    public async Task Interfaces_of_managed_domains_have_labels_of_their_own()
    {
        string kernel = _appliance.Kernel("waits", "W"u8);
        await _appliance.PostTextAsync("v1/managed-domains", Appliance.Form("kept", kernel, $"{Label("Avis")} (device (vif (mac 00:16:3e:00:00:01))) (device (vif (mac 00:16:3e:00:00:02)))"));
        await _appliance.PostAsync("v1/domains/kept/security-label", new { name = "Avis", policy = "", vif = 1 });
        string form = await _appliance.TextAsync("v1/domains/kept/sxp");
        form.Should().Contain($"(security_label ACM:{Policy}:Avis)");
        form.IndexOf("security_label ACM", form.IndexOf("3e:00:00:02", StringComparison.Ordinal), StringComparison.Ordinal).Should().BePositive("it is the second one's");
        await _appliance.PostAsync("v1/domains/kept/security-label", new { name = "", vif = 1 });
        (await _appliance.TextAsync("v1/domains/kept/sxp")).Should().NotContain("security_label").And.Contain("(label Avis)", "the domain's own is left");
        await ThrowsAsync(() => _appliance.PostAsync("v1/domains/kept/security-label", new { name = "Nobody", vif = 0 }), "Label 'Nobody' not found.");
        await ThrowsAsync(() => _appliance.PostAsync("v1/domains/kept/security-label", new { name = "Avis", vif = 2 }), "Domain 'kept' has 2 network interfaces: there is no vif-2");
    }

    [Fact]
    public async Task A_running_domain_keeps_its_label()
    {
        string kernel = _appliance.Kernel("waits", "W"u8);
        await _appliance.CreateAsync(Appliance.Form("avis", kernel, Label("Avis")));
        await ThrowsAsync(() => _appliance.PostAsync("v1/domains/avis/security-label", new { name = "Hertz" }), "VM in wrong state: domain 'avis' runs, and its label stays until it is stopped");
        ((string)(await _appliance.GetAsync("v1/domains/avis"))["label"]!).Should().Be("Avis");
    }

    private string Source => Path.Combine(_appliance.Paths.Configuration, "acm-security/policies/set/test-security_policy.xml");

    private static string Label(string name) => $"(security ((access_control (policy {Policy}) (label {name}))))";

    private async Task<string> RefusedAsync(object body) =>
        (await FluentActions.Awaiting(() => _appliance.PostAsync("v1/security/install", body)).Should().ThrowAsync<FaultException>()).Which.Message;

    private static async Task ThrowsAsync(Func<Task<JsonNode>> work, string words) =>
        (await FluentActions.Awaiting(work).Should().ThrowAsync<FaultException>()).WithMessage($"*{words}*");
}
