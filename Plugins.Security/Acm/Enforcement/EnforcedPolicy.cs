using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Enforcement;

/// <summary>
/// A policy in force with what runs under it. Domains come and go under the owner's lock; decisions on sharing read without one: a domain's ssid is one
/// word, written last when it comes and first when it goes.
/// </summary>
internal sealed class EnforcedPolicy
{
    private const int DomainNumbers = 1 << 16;

    private readonly int[] _ssids = new int[DomainNumbers];
    private readonly Dictionary<DomainId, AdmittedDomain> _domains = [];

    public EnforcedPolicy(AcmPolicy policy)
    {
        Policy = policy;
        Wall = new ChineseWall(policy);
        Sharing = new SharingRules(policy);
        Classes = new TrafficClasses(policy);

        // Domain 0 is counted at boot without a check (fact sheet, section 5.3).
        Wall.Enter(policy.Bootstrap);
        _ssids[0] = policy.SubjectSsid(policy.Bootstrap.Name);
    }

    public AcmPolicy Policy { get; }

    public ChineseWall Wall { get; }

    public SharingRules Sharing { get; }

    public TrafficClasses Classes { get; }

    /// <summary>The domains that run, without domain 0.</summary>
    public IReadOnlyCollection<AdmittedDomain> Domains => _domains.Values;

    /// <summary>A domain's number in the sharing rules; 0: it has none.</summary>
    public int SsidOf(DomainId domain) => Volatile.Read(ref _ssids[domain.Value]);

    /// <summary>What the policy knows of a domain's label.</summary>
    public AdmittedDomain Look(SecuritySubject subject)
    {
        int ssid = subject.Label is { Type: AcmPolicyType.Name } label && PolicyName.Means(label.Policy, Policy.Name, Policy.Fingerprint) ? Policy.SubjectSsid(label.Name) : 0;
        return new AdmittedDomain(subject, ssid == 0 ? null : Policy.Subjects[ssid - 1], ssid);
    }

    /// <summary>The domain runs from now on.</summary>
    public void Enter(AdmittedDomain domain)
    {
        Leave(domain.Subject.Domain);
        _domains[domain.Subject.Domain] = domain;
        if (domain.Label is { } label)
            Wall.Enter(label);
        Volatile.Write(ref _ssids[domain.Subject.Domain.Value], domain.Ssid);
    }

    /// <summary>It does not any more.</summary>
    public void Leave(DomainId domain)
    {
        if (!_domains.Remove(domain, out AdmittedDomain? gone))
            return;
        Volatile.Write(ref _ssids[domain.Value], 0);
        if (gone.Label is { } label)
            Wall.Leave(label);
    }

    /// <summary>Running domains that keep a label out by a type.</summary>
    public IEnumerable<string> Holders(int type)
    {
        IEnumerable<AdmittedDomain> all = _domains.Values.Where(domain => domain.Label is { } label && Excludes(label, type));
        return all.Select(static domain => $"{domain.Subject.Name} ({domain.Label!.Name})");
    }

    private bool Excludes(AcmLabel label, int type) =>
        !label.WallTypes.Contains(type) && Policy.Conflicts.Any(set => set.Types.Contains(type) && set.Types.Intersects(label.WallTypes));
}
