using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>Network interfaces carry a label of their own, or their domain's if that says whose their packets are.</summary>
public sealed class InterfaceTests : IDisposable
{
    private readonly Place _place = new Place().WithExample();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void An_interface_of_a_domain_of_one_type_needs_no_label()
    {
        Attach("CocaCola", null).IsAllowed.Should().BeTrue();
        Attach("CocaCola", "CocaCola").IsAllowed.Should().BeTrue();
        Attach("CocaCola", "PepsiCo").Rule.Should().Be("STE: label 'PepsiCo' is not allowed");
        Attach("CocaCola", "Nobody").Rule.Should().Be("STE: label 'Nobody' is not allowed");
        Attach("CocaCola", "CocaCola", policy: "other.policy").IsAllowed.Should().BeFalse("it is another policy's label");
    }

    [Fact]
    public void An_interface_of_a_domain_of_several_types_needs_one()
    {
        SecurityDecision decision = Attach("SystemManagement", null);
        decision.Rule.Should().Be("'VIF' must be labeled");
        decision.Object.Should().Be("interface vif:0 with no label of its own");
        Attach("SystemManagement", "PepsiCo").IsAllowed.Should().BeTrue();
    }

    [Fact]
    public void Packets_go_by_the_interfaces_label_and_else_by_the_domains()
    {
        TrafficClass cola = Class("CocaCola", null)!;
        TrafficClass pepsi = Class("PepsiCo", null)!;
        cola.Permits(pepsi.Number).Should().BeFalse();
        cola.Permits(cola.Number).Should().BeTrue();
        cola.ReachesHost.Should().BeTrue();
        Class("SystemManagement", "CocaCola")!.Number.Should().Be(cola.Number, "labels of the same types are one class");
        TrafficClass stranger = Class("Nobody", null)!;
        stranger.ReachesHost.Should().BeFalse();
        stranger.Permits(stranger.Number).Should().BeFalse("what the policy does not know reaches nobody");
        cola.Permits(stranger.Number).Should().BeFalse();
    }

    [Fact]
    public void Without_a_policy_nothing_is_kept_apart_and_labels_have_no_meaning()
    {
        _place.Policies.Reset();
        Class("CocaCola", null).Should().BeNull();
        Attach(null, null).IsAllowed.Should().BeTrue();
        Attach(null, "CocaCola").Rule.Should().Be("Security is off, but the interface is labeled");
    }

    private static SecurityLabel? Label(string? name, string policy = "example.test") => name is null ? null : new SecurityLabel("ACM", policy, name);

    private SecurityDecision Attach(string? domain, string? label, string policy = "example.test") =>
        _place.Module.MayUse(SecurityOperation.NetworkAttach, new SecuritySubject(new DomainId(4), "a", Label(domain)), new SecurityResource("vif:0", Label: Label(label, policy)));

    private TrafficClass? Class(string domain, string? label) => _place.Module.Traffic(new SecuritySubject(new DomainId(4), "a", Label(domain)), Label(label));
}
