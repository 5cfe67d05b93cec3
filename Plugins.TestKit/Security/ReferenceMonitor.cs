using Hospes.Sdk;

namespace Hospes.TestKit.Security;

/// <summary>What is right, decided the long way round from who runs: no counters, no tables, no memory of earlier decisions.</summary>
public sealed class ReferenceMonitor(ReferencePolicy policy)
{
    private readonly Dictionary<DomainId, ReferenceLabel> _running = [];

    /// <summary>The policy in force.</summary>
    public ReferencePolicy Policy { get; private set; } = policy;

    /// <summary>Who runs, without domain 0.</summary>
    public IReadOnlyDictionary<DomainId, ReferenceLabel> Running => _running;

    /// <summary>Whether a domain may begin to run.</summary>
    public bool MayRun(ReferenceLabel? label) => label is not null
        && Policy.Domains[0].Types.IsSupersetOf(label.Types)
        && !_running.Values.Append(Policy.Domains[0]).Any(other => Policy.Conflicts.Any(set => Clash(set, label, other)));

    /// <summary>It runs.</summary>
    public void Enter(DomainId domain, ReferenceLabel label) => _running[domain] = label;

    /// <summary>It runs no more.</summary>
    public void Leave(DomainId domain) => _running.Remove(domain);

    /// <summary>Whether two domains may share.</summary>
    public bool MayShare(DomainId one, DomainId two) => LabelOf(one) is { } first && LabelOf(two) is { } second && first.Shares(second);

    /// <summary>Whether a domain may have a resource of a label.</summary>
    public bool MayUse(DomainId domain, ReferenceLabel? resource) => resource is not null && LabelOf(domain) is { } label && label.Shares(resource);

    /// <summary>Whether any two that run should not.</summary>
    public bool IsSound()
    {
        ReferenceLabel[] all = [.. _running.Values, Policy.Domains[0]];
        return all.All(label => Policy.Domains[0].Types.IsSupersetOf(label.Types)) && !all.Any(one => all.Any(two => Policy.Conflicts.Any(set => Clash(set, one, two))));
    }

    /// <summary>The monitor of another policy with all that runs under labels of the same names; null: what runs does not conform to it.</summary>
    public ReferenceMonitor? Under(ReferencePolicy other)
    {
        ReferenceMonitor next = new(other);
        foreach ((DomainId domain, ReferenceLabel label) in _running)
        {
            if (other.Domains.FirstOrDefault(known => known.Name == label.Name) is not { } same)
                return null;
            next.Enter(domain, same);
        }

        return next.IsSound() ? next : null;
    }

    private ReferenceLabel? LabelOf(DomainId domain) => domain == DomainId.Zero ? Policy.Domains[0] : _running.GetValueOrDefault(domain);

    // One runs a type of the set, the other another one of it.
    private static bool Clash(IReadOnlySet<string> set, ReferenceLabel one, ReferenceLabel two) =>
        one.WallTypes.Any(type => set.Contains(type) && two.WallTypes.Any(other => other != type && set.Contains(other) && !one.WallTypes.Contains(other)));
}
