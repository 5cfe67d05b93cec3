using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>Policies come into force, change and survive; and boot.</summary>
public sealed class PolicyChangeTests : IDisposable
{
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_policy_is_not_loaded_over_domains_that_do_not_conform()
    {
        _place.Write("example.test", Drafts.Example());
        _place.Policies.Compile("example.test");
        Admit(1, null).IsAllowed.Should().BeTrue();
        ((Action)(() => _place.Policies.Load("example.test", []))).Should().Throw<SecurityPolicyException>()
            .WithMessage("New policy conflicts with running domains. Policy load aborted.*Domain not labeled").Which.Violations.Should().Equal((0x102u, 1u));
        _place.Module.Status.IsEnforcing.Should().BeFalse();
        _place.Module.Dismiss(new DomainId(1));
        _place.Policies.Load("example.test", []);
        _place.Module.Status.Policy.Should().Be("example.test");
    }

    [Fact]
    public void A_change_that_would_put_enemies_side_by_side_is_refused()
    {
        _place.WithExample();
        Admit(1, "CocaCola").IsAllowed.Should().BeTrue();
        Admit(2, "Avis").IsAllowed.Should().BeTrue();
        _place.Write("example.test", Drafts.Example().Replace("<Type>CocaCola</Type><Type>PepsiCo</Type></Conflict>", "<Type>CocaCola</Type><Type>Avis</Type></Conflict>", StringComparison.Ordinal));
        _place.Policies.Compile("example.test");
        ((Action)(() => _place.Policies.Load("example.test", []))).Should().Throw<SecurityPolicyException>().Which.Violations.Should().Equal((0x103u, 2u));
        Admit(3, "PepsiCo").IsConflict.Should().BeTrue("the old policy is in force");
        _place.Module.Dismiss(new DomainId(2));
        _place.Policies.Load("example.test", []);
        Admit(3, "PepsiCo").IsAllowed.Should().BeTrue("the new one is, with its own counts");
        Admit(4, "Avis").IsConflict.Should().BeTrue();
    }

    [Fact]
    public void A_change_that_would_leave_a_domain_with_a_foreign_disk_is_refused()
    {
        _place.WithExample();
        string disk = _place.PathOf("disk");
        File.WriteAllText(disk, "disk");
        _place.Labels.Add($"file:{disk}", new SecurityLabel("ACM", "example.test", "CocaCola"));
        SecuritySubject subject = Subject(1, "CocaCola");
        Admit(1, "CocaCola").IsAllowed.Should().BeTrue();
        _place.Write("example.test", Drafts.Example().Replace(
            "<Name>CocaCola</Name><SimpleTypeEnforcementTypes><Type>CocaCola</Type></SimpleTypeEnforcementTypes></ResourceLabel>",
            "<Name>CocaCola</Name><SimpleTypeEnforcementTypes><Type>Avis</Type></SimpleTypeEnforcementTypes></ResourceLabel>", StringComparison.Ordinal));
        _place.Policies.Compile("example.test");
        SecurityUse use = new(SecurityOperation.BlockAttach, subject, new SecurityResource($"file:{disk}"));
        ((Action)(() => _place.Policies.Load("example.test", [use]))).Should().Throw<SecurityPolicyException>().Which.Violations.Should().Equal((0x101u, 1u));
    }

    [Fact]
    public void Another_policy_does_not_replace_the_one_in_force()
    {
        _place.WithExample();
        _place.Write("example.other", Drafts.Example("example.other"));
        _place.Policies.Compile("example.other");
        ((Action)(() => _place.Policies.Load("example.other", []))).Should().Throw<SecurityPolicyException>().WithMessage("Active policy 'example.test' incompatible with new policy 'example.other'");
        _place.Policies.Reset();
        _place.Policies.Load("example.other", []);
    }

    [Fact]
    public void Reset_waits_for_the_last_domain()
    {
        _place.WithExample();
        Admit(1, "Avis");
        ((Action)_place.Policies.Reset).Should().Throw<SecurityPolicyException>().WithMessage("*while domains run: d1");
        _place.Module.Dismiss(new DomainId(1));
        _place.Policies.Reset();
        _place.Module.Status.Policy.Should().Be("DEFAULT");
        _place.Restart().Status.Policy.Should().Be("DEFAULT");
    }

    [Fact]
    public void The_policy_and_who_runs_survive_the_control_plane()
    {
        _place.WithExample();
        Admit(1, "CocaCola");
        _place.Restart();
        _place.Module.Recall(Subject(1, "CocaCola"));
        Admit(2, "PepsiCo").IsConflict.Should().BeTrue();
        _place.Module.MayShare(SecurityOperation.GrantMap, new DomainId(1), DomainId.Zero).IsAllowed.Should().BeTrue();
        _place.Restart("another run of the machine").Status.Policy.Should().Be("DEFAULT", "it was not the boot policy");
    }

    [Fact]
    public void The_fingerprint_is_part_of_the_name_check()
    {
        _place.WithExample();
        string fingerprint = _place.Module.Status.Fingerprint;
        Admit(1, "Avis", $"example.test@{fingerprint[..12]}").IsAllowed.Should().BeTrue();
        Admit(2, "Avis", "example.test@deadbeef0000").Rule.Should().StartWith("Security policy (example.test@deadbeef0000) incompatible with enforced policy (example.test@");
        Admit(3, "Avis", $"example.test@{fingerprint[..4]}").IsAllowed.Should().BeFalse("four digits say too little");
    }

    [Fact]
    public void The_boot_policy_comes_with_the_machine()
    {
        _place.WithExample();
        Directory.CreateDirectory(_place.PathOf("boot/grub"));
        string menu = _place.PathOf("boot/grub/menu.lst");
        File.WriteAllText(menu, "default 0\ntitle Linux\n\tkernel /vmlinuz\ntitle Xen 3\n\troot (hd0,0)\n\tkernel /boot/xen.gz console=vga\n\tmodule /boot/vmlinuz ro\n\tmodule /boot/initrd\ntitle Xenomai\n\tkernel /x\n");
        ((Action)(() => _place.Policies.ConfigureBoot("example.test", null))).Should().Throw<SecurityPolicyException>().WithMessage("Following boot entries matched: ['Xen 3', 'Xenomai']. \n*");
        ((Action)(() => _place.Policies.ConfigureBoot("example.test", "Nobody"))).Should().Throw<SecurityPolicyException>().WithMessage("Boot entry not found.*");
        ((Action)(() => _place.Policies.ConfigureBoot("example.none", "Xen 3"))).Should().Throw<SecurityPolicyException>().WithMessage("Unknown policy 'example.none'");
        _place.Policies.ConfigureBoot("example.test", "Xen 3").Should().Be("Xen 3");
        _place.Policies.ConfigureBoot("example.test", "Xen 3").Should().Be("Xen 3");
        File.ReadAllText(menu).Should().Contain("\tmodule /boot/initrd\n\tmodule /boot/example.test.bin\ntitle Xenomai").And.Subject.Split("example.test.bin").Should().HaveCount(2, "the earlier line is replaced");
        File.Exists($"{menu}_save").Should().BeTrue();
        _place.Restart("next run").Status.Should().BeEquivalentTo(new { Policy = "example.test", IsBootPolicy = true, HostLabel = "SystemManagement" });
        _place.Policies.ConfigureBoot(null, null).Should().Be("Xen 3");
        File.ReadAllText(menu).Should().NotContain("example.test");
        _place.Restart("the one after").Status.Policy.Should().Be("DEFAULT");
    }

    [Fact]
    public void A_boot_policy_that_cannot_be_loaded_starts_nothing()
    {
        _place.WithExample();
        _place.Policies.ConfigureBoot("example.test", null).Should().Be("Xen (Hospes)");
        byte[] binary = File.ReadAllBytes(_place.PathOf("boot/example.test.bin"));
        binary[^9] ^= 1;
        File.WriteAllBytes(_place.PathOf("boot/example.test.bin"), binary);
        _place.Restart("next run");
        _place.Module.Status.Fault.Should().Contain("fingerprint");
        _place.Said.Should().Contain(message => message.StartsWith("Invalid policy. ", StringComparison.Ordinal));
        Admit(1, null).Rule.Should().Contain("The policy could not be loaded");
    }

    [Theory]
    [InlineData("0x00010001:ACM:example.test", null)]
    [InlineData("0x00010001:ACM:example.test:SystemManagement", null)]
    [InlineData("0x00010001:ACM:example.other", "Policy's name 'example.test' is not the expected one 'example.other'.")]
    [InlineData("0x00010001:ACM:example.test@00000000", "*fingerprint*")]
    [InlineData("0x00020002:ACM:example.test", "*is not Domain-0's label*")]
    [InlineData("nonsense", "*is not of the form*")]
    public void Ssidref_says_which_policy_may_boot(string parameter, string? fault)
    {
        _place.WithExample();
        _place.Policies.ConfigureBoot("example.test", null);
        _place.Restart("next run", parameter);
        if (fault is null)
            _place.Module.Status.Fault.Should().BeNull();
        else
            _place.Module.Status.Fault.Should().Match(fault);
    }

    [Fact]
    public void An_update_follows_its_predecessor_and_keeps_renamed_labels()
    {
        _place.WithExample();
        Admit(1, "Avis");
        string next = Drafts.Example().Replace("<Name>Avis</Name>", "<Name from=\"Avis\">Rental</Name>", StringComparison.Ordinal);
        _place.Policies.Install(next, overwrites: true, isUpdate: true);
        _place.Policies.Load("example.test", []);
        _place.Module.Status.Version.Should().Be("1.1");
        _place.Policies.Labels(null, SecurityLabelKind.Domain).Should().Equal("CocaCola", "PepsiCo", "Rental", "SystemManagement");
        ((Action)(() => _place.Policies.Install(next, overwrites: false, isUpdate: false))).Should().Throw<SecurityPolicyException>().WithMessage("*is on this system already");
    }

    private static SecuritySubject Subject(int domain, string? label, string policy = "example.test") =>
        new(new DomainId((ushort)domain), $"d{domain}", label is null ? null : new SecurityLabel("ACM", policy, label));

    private SecurityDecision Admit(int domain, string? label, string policy = "example.test") =>
        _place.Module.Admit(Subject(domain, label, policy), SecurityOperation.DomainCreate);
}
