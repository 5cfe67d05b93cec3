using FluentAssertions;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Xunit;

namespace Hospes.TestKit.Security;

/// <summary>
/// What every security module must do: inherit it, say how yours is made and how it is given a policy. Random policies, random sequences of what happens on an
/// appliance, each decision held against <see cref="ReferenceMonitor"/>; nothing that a label forbids is ever permitted.
/// </summary>
public abstract class SecurityModuleConformance : IDisposable
{
    private const int Policies = 60;
    private const int Steps = 400;
    private const int Domains = 12;

    private readonly string _root = Directory.CreateTempSubdirectory("hospes-security-").FullName;

    /// <summary>A module that knows no policy.</summary>
    protected abstract ISecurityModule Create();

    /// <summary>Has a module enforce a policy.</summary>
    protected abstract void Enforce(ISecurityModule module, ReferencePolicy policy);

    /// <summary>The label of a name as this module's domains carry it.</summary>
    protected abstract SecurityLabel Label(ReferencePolicy policy, string name);

    /// <summary>Nothing is in the way before there is a policy.</summary>
    [Fact]
    public void Without_a_policy_domains_without_labels_run()
    {
        ISecurityModule module = Started("off");
        module.Status.IsEnforcing.Should().BeFalse();
        module.Admit(new SecuritySubject(new DomainId(1), "plain", null), SecurityOperation.DomainCreate).IsAllowed.Should().BeTrue();
        module.MayShare(SecurityOperation.StoreAccess, new DomainId(1), new DomainId(2)).IsAllowed.Should().BeTrue();
    }

    /// <summary>Decisions are the reference's, whatever happens in whatever order.</summary>
    [Fact]
    public void Decisions_are_those_of_the_reference_monitor()
    {
        for (int seed = 1; seed <= Policies; seed++)
            Run(seed);
    }

    /// <summary>Under a policy, what has no label, or another policy's, or one that is not there, does not run.</summary>
    [Fact]
    public void Default_is_to_deny()
    {
        ReferencePolicy policy = ReferencePolicy.Random(new Random(7), "deny.all");
        ISecurityModule module = Started("deny");
        Enforce(module, policy);
        SecurityLabel good = Label(policy, policy.Domains[0].Name);
        foreach (SecurityLabel? label in (SecurityLabel?[])[null, good with { Policy = "other.policy" }, good with { Name = "nosuchlabel" }, good with { Type = "OTHER" }])
        {
            SecurityDecision decision = module.Admit(new SecuritySubject(new DomainId(5), "stranger", label), SecurityOperation.DomainCreate);
            decision.IsAllowed.Should().BeFalse();
            new[] { decision.Subject, decision.Object, decision.Rule }.Should().NotContain(part => string.IsNullOrEmpty(part), "a denial names subject, object and rule");
        }

        module.MayShare(SecurityOperation.GrantMap, new DomainId(5), DomainId.Zero).IsAllowed.Should().BeFalse("it does not run");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_root, recursive: true);
    }

    private void Run(int seed)
    {
        Random chance = new(seed);
        ReferencePolicy policy = ReferencePolicy.Random(chance, $"random.p{seed}");
        string name = $"seed{seed}";
        ISecurityModule module = Started(name);
        Enforce(module, policy);
        ReferenceMonitor reference = new(policy);
        for (int step = 0; step < Steps; step++)
        {
            DomainId domain = new((ushort)chance.Next(1, Domains));
            switch (chance.Next(8))
            {
                case 0 or 1 or 2 when !reference.Running.ContainsKey(domain):
                {
                    ReferenceLabel label = policy.Domains[chance.Next(policy.Domains.Count)];
                    SecuritySubject subject = Subject(policy, domain, label);
                    bool expected = reference.MayRun(label);
                    module.Admit(subject, SecurityOperation.DomainCreate).IsAllowed.Should().Be(expected, $"seed {seed}, step {step}: {subject}");
                    if (expected)
                        reference.Enter(domain, label);
                    break;
                }

                case 3:
                    module.Dismiss(domain);
                    reference.Leave(domain);
                    break;
                case 4 when chance.Next(20) == 0:
                    // The control plane dies and comes back.
                    module = Started(name);
                    foreach ((DomainId running, ReferenceLabel label) in reference.Running)
                        module.Recall(Subject(policy, running, label));
                    break;
                default:
                {
                    DomainId other = new((ushort)chance.Next(0, Domains));
                    SecurityOperation operation = (SecurityOperation)chance.Next((int)SecurityOperation.EventChannelOffer, (int)SecurityOperation.StoreAccess + 1);
                    module.MayShare(operation, domain, other).IsAllowed.Should().Be(reference.MayShare(domain, other), $"seed {seed}, step {step}: {domain} and {other}");
                    break;
                }
            }

            reference.IsSound().Should().BeTrue($"seed {seed}, step {step}");
        }
    }

    private SecuritySubject Subject(ReferencePolicy policy, DomainId domain, ReferenceLabel label) => new(domain, $"d{domain}", Label(policy, label.Name));

    private ISecurityModule Started(string name)
    {
        string root = Path.Combine(_root, name);
        foreach (string directory in (string[])["etc", "lib"])
            Directory.CreateDirectory(Path.Combine(root, directory));
        ISecurityModule module = Create();
        module.Start(new SecurityEnvironment
        {
            ConfigurationDirectory = Path.Combine(root, "etc"),
            StateDirectory = Path.Combine(root, "lib"),
            BootDirectory = Path.Combine(root, "boot"),
            BootId = "this-run",
        });
        return module;
    }
}
