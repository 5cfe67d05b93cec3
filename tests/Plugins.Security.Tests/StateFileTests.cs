using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>Files that say what is enforced, broken: that is an error with the file and the line in it, never the same as none.</summary>
public sealed class StateFileTests : IDisposable
{
    private static readonly SecurityLabel CocaCola = new("ACM", "example.test", "CocaCola");

    private readonly Place _place = new Place().WithExample();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("{\"boot\":\"run\",\"policy\":3", "*active.json*Line*")]
    [InlineData("[]", "*active.json*")]
    [InlineData("{}", "*active.json*")]
    [InlineData("{\"boot\":\"run\",\"policy\":\"example.test\"}", "*active.json*")]
    [InlineData("{\"boot\":\"run\",\"policy\":\"example.test\",\"reference\":\"x\",\"source\":\"\",\"binary\":\"AAAA\",\"map\":\"\"}", "*active.json*Invalid policy*")]
    [InlineData("", "*active.json*")]
    public void The_policy_in_force(string text, string fault)
    {
        File.WriteAllText(_place.PathOf("lib/security/active.json"), text);
        StartsNothing(fault);
    }

    [Theory]
    [InlineData("managed_policies = {\n    'no-uuid': ('example.test', 'ACM'),\n}\n", "*managed_policies, line 2: ''no-uuid*")]
    [InlineData("managed_policies = {\n    '5b1b1f6e-0000-4000-8000-000000000003': ('../etc', 'ACM'),\n}\n", "*managed_policies, line 2: *")]
    [InlineData("managed_policies = {\n    '5b1b1f6e-0000-4000-8000-000000000003': ('a.b', 'ACM'),\n    '5b1b1f6e-0000-4000-8000-000000000004': ('c.d', 'ACM'),\n}\n", "*line 3: a second policy*")]
    [InlineData("\u0001", "*managed_policies, line 1: *")]
    public void The_policy_installed(string text, string fault)
    {
        _place.Policies.Reset();
        File.WriteAllText(_place.PathOf("etc/acm-security/policies/managed_policies"), text);
        StartsNothing(fault);
        ((Action)(() => _ = _place.Policies.Installed)).Should().Throw<SecurityPolicyException>().WithMessage(fault);
        ((Action)(() => _place.Policies.Load("example.test", []))).Should().Throw<SecurityPolicyException>().WithMessage(fault);
        _place.Module.Status.Policy.Should().Be("DEFAULT");
    }

    [Theory]
    [InlineData("boom\n", "*menu.lst, line 1: 'boom' is not title, kernel or module*")]
    [InlineData("title Xen\n\tmodule\n", "*menu.lst, line 2: 'module' is not*")]
    [InlineData("title Xen\n\tmodule /a..b.bin\n", "*menu.lst, line 2: 'a..b' cannot be the name of a policy")]
    [InlineData("title Xen\n\tmodule /example.none.bin\n", "There is no *example.none.bin.")]
    public void The_boot_entry(string text, string fault)
    {
        _place.Policies.ConfigureBoot("example.test", null);
        File.WriteAllText(_place.PathOf("boot/hospes/menu.lst"), text);
        StartsNothing(fault, run: "next run");
    }

    [Theory]
    [InlineData("resources = {\n    'file:/x': nonsense\n}\n", "*resource_labels, line 2: *")]
    [InlineData("resources = {\n    'file:/x': ('ACM', 'example.test', 'CocaCola', 'more'),\n}\n", "*resource_labels, line 2: *")]
    public void The_labels(string text, string rule)
    {
        string file = _place.PathOf("disk");
        File.WriteAllText(file, "");
        _place.Labels.Add($"file:{file}", CocaCola);
        File.WriteAllText(_place.PathOf("etc/acm-security/policies/resource_labels"), text);
        Use(file).Rule.Should().Match(rule);
        ((Action)(() => _ = _place.Labels.All)).Should().Throw<SecurityPolicyException>().WithMessage(rule);
        ((Action)(() => _place.Labels.Add("file:/etc/hostname", CocaCola))).Should().Throw<SecurityPolicyException>();
        File.ReadAllText(_place.PathOf("etc/acm-security/policies/resource_labels")).Should().Be(text, "what cannot be read is not written over");
    }

    [Fact]
    public void What_labels_belong_to()
    {
        string file = _place.PathOf("disk");
        File.WriteAllText(file, "");
        _place.Labels.Add($"file:{file}", CocaCola);
        File.WriteAllText(_place.PathOf("lib/security/resources.json"), "{\"file:");
        Use(file).Rule.Should().Contain("resources.json cannot be read, and so no label can be trusted");
    }

    private SecurityDecision Use(string file) =>
        _place.Module.MayUse(SecurityOperation.BlockAttach, new SecuritySubject(new DomainId(4), "cola", CocaCola), new SecurityResource($"file:{file}"));

    private void StartsNothing(string fault, string run = "run")
    {
        _place.Restart(run);
        _place.Module.Status.Fault.Should().Match(fault);
        _place.Module.Status.IsEnforcing.Should().BeTrue();
        SecurityDecision decision = _place.Module.Admit(new SecuritySubject(new DomainId(1), "plain", null), SecurityOperation.DomainCreate);
        decision.Rule.Should().StartWith("The policy could not be loaded: ");
        _place.Module.MayShare(SecurityOperation.GrantMap, new DomainId(1), new DomainId(2)).IsAllowed.Should().BeFalse();
        _place.Said.Should().Contain(message => message.StartsWith("Invalid policy. ", StringComparison.Ordinal));
    }
}
