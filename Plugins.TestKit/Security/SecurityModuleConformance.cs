using FluentAssertions;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Xunit;

namespace Hospes.TestKit.Security;

/// <summary>
/// What every security module must do: inherit it, say how yours is made and how it is given a policy. Random policies, random sequences of what happens on an
/// appliance, each decision held against <see cref="ReferenceMonitor"/>; nothing that a label forbids is ever permitted, and each denial says why.
/// </summary>
public abstract class SecurityModuleConformance : IDisposable
{
    private const int Policies = 60;
    private const int Rivals = 4;
    private const int Attempts = 2000;

    private readonly string _root = Directory.CreateTempSubdirectory("hospes-security-").FullName;

    /// <summary>A module that knows no policy.</summary>
    protected abstract ISecurityModule Create();

    /// <summary>Has a module enforce a policy, which may take the place of another of the same name.</summary>
    /// <exception cref="SecurityPolicyException">What runs does not conform to it; the one before is in force.</exception>
    protected internal abstract void Enforce(ISecurityModule module, ReferencePolicy policy);

    /// <summary>The label of a name as this module's domains and resources carry it.</summary>
    protected internal abstract SecurityLabel Label(ReferencePolicy policy, string name);

    /// <summary>Gives a resource a label: <c>file:/path</c>, <c>pci:0000:00:1f.2</c>, <c>vtpm:1</c>.</summary>
    protected internal virtual void GiveLabel(ISecurityModule module, string resource, SecurityLabel label) => ((IResourceLabels)module).Add(resource, label);

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
        (int accepted, int refused) = (0, 0);
        for (int seed = 1; seed <= Policies; seed++)
        {
            SecuritySequence sequence = new(this, seed);
            sequence.Run();
            accepted += sequence.Changes.Accepted;
            refused += sequence.Changes.Refused;
        }

        accepted.Should().BePositive("some policies suit what runs");
        refused.Should().BePositive("some do not");
    }

    /// <summary>Of two that exclude each other one runs at a time, however many ask at once.</summary>
    [Fact]
    public async Task Rivals_never_run_at_the_same_time()
    {
        HashSet<string> types = ["shared"];
        ReferencePolicy policy = new(
            "rivals.race", ["shared"], ["red", "blue"], [new HashSet<string> { "red", "blue" }],
            [new("Manager", types, new HashSet<string>()), new("Red", types, new HashSet<string> { "red" }), new("Blue", types, new HashSet<string> { "blue" })],
            [new("disk", types, new HashSet<string>())]);
        ISecurityModule module = Started("rivals");
        Enforce(module, policy);
        int[] running = new int[2];
        int admitted = 0;
        await Task.WhenAll(Enumerable.Range(0, Rivals).Select(rival => Task.Run(() =>
        {
            int side = rival % 2;
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                DomainId domain = new((ushort)(1 + rival));
                SecurityDecision decision = module.Admit(new SecuritySubject(domain, $"d{domain}", Label(policy, side == 0 ? "Red" : "Blue")), SecurityOperation.DomainCreate);
                if (!decision.IsAllowed)
                    continue;
                Interlocked.Increment(ref running[side]);
                Volatile.Read(ref running[1 - side]).Should().Be(0, "its rival has been admitted and not dismissed");
                Interlocked.Increment(ref admitted);
                Interlocked.Decrement(ref running[side]);
                module.Dismiss(domain);
            }
        })));
        admitted.Should().BePositive();
        foreach (string label in (string[])["Red", "Blue"])
        {
            module.Admit(new SecuritySubject(new DomainId(50), "last", Label(policy, label)), SecurityOperation.DomainResume).IsAllowed.Should().BeTrue("all that came have gone");
            module.Dismiss(new DomainId(50));
        }
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
            foreach (SecurityOperation operation in (SecurityOperation[])[SecurityOperation.DomainCreate, SecurityOperation.DomainResume, SecurityOperation.MigrateIn])
            {
                SecurityDecision decision = module.Admit(new SecuritySubject(new DomainId(5), "stranger", label), operation);
                decision.IsAllowed.Should().BeFalse();
                ShouldSayWhy(decision, $"{operation}, {label}");
            }

            foreach (SecurityOperation operation in (SecurityOperation[])[SecurityOperation.BlockAttach, SecurityOperation.PciAttach, SecurityOperation.TpmAttach])
            {
                SecurityDecision decision = module.MayUse(operation, new SecuritySubject(new DomainId(5), "stranger", label), new SecurityResource("pci:0000:00:02.0"));
                decision.IsAllowed.Should().BeFalse("it is not labelled");
                ShouldSayWhy(decision, $"{operation}, {label}");
            }
        }

        module.MayShare(SecurityOperation.GrantMap, new DomainId(5), DomainId.Zero).IsAllowed.Should().BeFalse("it does not run");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>A file that is a resource.</summary>
    internal string File(string place, string name)
    {
        string path = Path.Combine(_root, place, name);
        if (!System.IO.File.Exists(path))
            System.IO.File.WriteAllText(path, name);
        return $"file:{path}";
    }

    internal static void ShouldSayWhy(SecurityDecision decision, string because) =>
        new[] { decision.Subject, decision.Object, decision.Rule }.Should().NotContain(part => string.IsNullOrEmpty(part), $"a denial names subject, object and rule: {because}");

    internal ISecurityModule Started(string name)
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
