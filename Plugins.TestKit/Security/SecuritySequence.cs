using FluentAssertions;
using Hospes.Sdk;
using Hospes.Sdk.Security;

namespace Hospes.TestKit.Security;

/// <summary>
/// A random sequence of what happens on an appliance, each decision held against <see cref="ReferenceMonitor"/>: domains come (made, resumed, from another
/// machine) and go, reach for each other and for resources, the control plane dies, the policy changes.
/// </summary>
internal sealed class SecuritySequence
{
    private const int Steps = 400;
    private const int Domains = 12;

    private static readonly SecurityOperation[] Beginnings = [SecurityOperation.DomainCreate, SecurityOperation.DomainResume, SecurityOperation.MigrateIn];

    private static readonly SecurityOperation[] Sharings =
    [
        SecurityOperation.EventChannelOffer, SecurityOperation.EventChannelBind, SecurityOperation.GrantMap, SecurityOperation.GrantCopy,
        SecurityOperation.GrantTransfer, SecurityOperation.StoreAccess,
    ];

    private readonly Random _chance;
    private readonly int _seed;
    private readonly SecurityModuleConformance _suite;
    private readonly Dictionary<string, ReferenceLabel> _resources = new(StringComparer.Ordinal);
    private ISecurityModule _module;
    private ReferenceMonitor _reference;
    private int _step;

    public SecuritySequence(SecurityModuleConformance suite, int seed)
    {
        _suite = suite;
        _seed = seed;
        _chance = new Random(seed);
        ReferencePolicy policy = ReferencePolicy.Random(_chance, $"random.p{seed}");
        _module = suite.Started(Name);
        suite.Enforce(_module, policy);
        _reference = new ReferenceMonitor(policy);
    }

    /// <summary>How often another policy came into force, and how often what ran kept it out.</summary>
    public (int Accepted, int Refused) Changes { get; private set; }

    private string Name => $"seed{_seed}";

    private string Where => $"seed {_seed}, step {_step}";

    public void Run()
    {
        for (_step = 0; _step < Steps; _step++)
        {
            DomainId domain = new((ushort)_chance.Next(1, Domains));
            switch (_chance.Next(10))
            {
                case 0 or 1 or 2 when !_reference.Running.ContainsKey(domain):
                    Begin(domain);
                    break;
                case 3:
                    // Destroyed, saved or migrated away: the same to a policy.
                    _module.Dismiss(domain);
                    _reference.Leave(domain);
                    break;
                case 4 when _chance.Next(20) == 0:
                    Restart();
                    break;
                case 5 when _chance.Next(10) == 0:
                    Change();
                    break;
                case 6 when _reference.Running.ContainsKey(domain):
                    UseResource(domain);
                    break;
                case 7 when _reference.Running.ContainsKey(domain):
                    Connect(domain);
                    break;
                default:
                    Share(domain, new DomainId((ushort)_chance.Next(0, Domains)));
                    break;
            }

            _reference.IsSound().Should().BeTrue(Where);
        }
    }

    private void Begin(DomainId domain)
    {
        ReferenceLabel label = _reference.Policy.Domains[_chance.Next(_reference.Policy.Domains.Count)];
        SecurityOperation operation = Beginnings[_chance.Next(Beginnings.Length)];
        SecurityDecision decision = _module.Admit(Subject(domain, label), operation);
        Check(decision, _reference.MayRun(label), $"{operation} of {domain} with {label.Name}");
        if (decision.IsAllowed)
            _reference.Enter(domain, label);
    }

    private void Share(DomainId domain, DomainId other)
    {
        SecurityOperation operation = Sharings[_chance.Next(Sharings.Length)];
        Check(_module.MayShare(operation, domain, other), _reference.MayShare(domain, other), $"{operation} of {domain} with {other}");
    }

    private void UseResource(DomainId domain)
    {
        (string name, SecurityOperation operation) = _chance.Next(3) switch
        {
            0 => ($"pci:0000:00:{_chance.Next(8):x2}.0", SecurityOperation.PciAttach),
            1 => ($"vtpm:{_chance.Next(4)}", SecurityOperation.TpmAttach),
            _ => (_suite.File(Name, $"disk{_chance.Next(4)}"), SecurityOperation.BlockAttach),
        };
        if (!_resources.ContainsKey(name) && _chance.Next(2) == 0)
        {
            ReferenceLabel label = _reference.Policy.Resources[_chance.Next(_reference.Policy.Resources.Count)];
            _suite.GiveLabel(_module, name, _suite.Label(_reference.Policy, label.Name));
            _resources.Add(name, label);
        }

        // What a resource's label means is the present policy's business.
        ReferenceLabel? own = _resources.TryGetValue(name, out ReferenceLabel? given) ? _reference.Policy.Resources.FirstOrDefault(known => known.Name == given.Name) : null;
        Check(_module.MayUse(operation, Subject(domain), new SecurityResource(name)), _reference.MayUse(domain, own), $"{operation} of {domain}, {name} with {own?.Name ?? "no label"}");
    }

    // An interface with a label of its own; its packets may go where that label may share.
    private void Connect(DomainId domain)
    {
        ReferenceLabel label = _reference.Policy.Resources[_chance.Next(_reference.Policy.Resources.Count)];
        SecurityLabel own = _suite.Label(_reference.Policy, label.Name);
        SecurityDecision decision = _module.MayUse(SecurityOperation.NetworkAttach, Subject(domain), new SecurityResource("vif:0", Label: own));
        Check(decision, _reference.MayUse(domain, label), $"interface of {domain} with {label.Name}");
        TrafficClass traffic = Traffic(domain, own);
        traffic.ReachesHost.Should().Be(label.Shares(_reference.Policy.Domains[0]), Where);
        foreach (ReferenceLabel other in _reference.Policy.Resources)
        {
            TrafficClass another = Traffic(domain, _suite.Label(_reference.Policy, other.Name));
            traffic.Permits(another.Number).Should().Be(label.Shares(other), $"{Where}: packets between {label.Name} and {other.Name}");
        }
    }

    private TrafficClass Traffic(DomainId domain, SecurityLabel label)
    {
        TrafficClass? traffic = _module.Traffic(Subject(domain), label);
        traffic.Should().NotBeNull($"{Where}: a policy is enforced");
        return traffic!;
    }

    // The control plane dies and comes back.
    private void Restart()
    {
        _module = _suite.Started(Name);
        foreach (DomainId running in _reference.Running.Keys)
            _module.Recall(Subject(running));
    }

    private void Change()
    {
        ReferencePolicy other = ReferencePolicy.Random(_chance, _reference.Policy.Name);
        ReferenceMonitor? next = _reference.Under(other);
        Action change = () => _suite.Enforce(_module, other);
        if (next is null)
        {
            change.Should().Throw<SecurityPolicyException>(Where);
            Changes = (Changes.Accepted, Changes.Refused + 1);
            return;
        }

        change.Should().NotThrow(Where);
        _reference = next;
        Changes = (Changes.Accepted + 1, Changes.Refused);
    }

    private SecuritySubject Subject(DomainId domain) => Subject(domain, _reference.Running[domain]);

    private SecuritySubject Subject(DomainId domain, ReferenceLabel label) => new(domain, $"d{domain}", _suite.Label(_reference.Policy, label.Name));

    private void Check(SecurityDecision decision, bool expected, string what)
    {
        decision.IsAllowed.Should().Be(expected, $"{Where}: {what}; {decision.Rule}");
        if (!expected)
            SecurityModuleConformance.ShouldSayWhy(decision, $"{Where}: {what}");
    }
}
