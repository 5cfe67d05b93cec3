using Hospes.Sdk;

namespace Hospes.TestKit.Security;

/// <summary>What is right, decided the long way round from who runs: no counters, no tables, no memory of earlier decisions.</summary>
public sealed class ReferenceMonitor(ReferencePolicy policy)
{
    private readonly Dictionary<DomainId, ReferenceLabel> _running = [];

    /// <summary>Who runs, without domain 0.</summary>
    public IReadOnlyDictionary<DomainId, ReferenceLabel> Running => _running;

    /// <summary>Whether a domain may begin to run.</summary>
    public bool MayRun(ReferenceLabel? label) => label is not null
        && policy.Domains[0].Types.IsSupersetOf(label.Types)
        && !_running.Values.Append(policy.Domains[0]).Any(other => policy.Conflicts.Any(set => Clash(set, label, other)));

    /// <summary>It runs.</summary>
    public void Enter(DomainId domain, ReferenceLabel label) => _running[domain] = label;

    /// <summary>It runs no more.</summary>
    public void Leave(DomainId domain) => _running.Remove(domain);

    /// <summary>Whether two domains may share.</summary>
    public bool MayShare(DomainId one, DomainId two) => LabelOf(one) is { } first && LabelOf(two) is { } second && first.Shares(second);

    /// <summary>Whether any two that run should not.</summary>
    public bool IsSound()
    {
        ReferenceLabel[] all = [.. _running.Values, policy.Domains[0]];
        return !all.Any(one => all.Any(two => policy.Conflicts.Any(set => Clash(set, one, two))));
    }

    private ReferenceLabel? LabelOf(DomainId domain) => domain == DomainId.Zero ? policy.Domains[0] : _running.GetValueOrDefault(domain);

    // One runs a type of the set, the other another one of it.
    private static bool Clash(IReadOnlySet<string> set, ReferenceLabel one, ReferenceLabel two) =>
        one.WallTypes.Any(type => set.Contains(type) && two.WallTypes.Any(other => other != type && set.Contains(other) && !one.WallTypes.Contains(other)));
}
