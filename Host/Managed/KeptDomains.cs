using System.Collections.Immutable;
using Hospes.Host.Domains;
using Hospes.Host.Logging;

namespace Hospes.Host.Managed;

/// <summary>All managed domains. Names and identities are unique over them and the domains that run (fact sheet "xend", section 4).</summary>
/// <remarks>Lock order: the domain table's, then this one's.</remarks>
internal sealed class KeptDomains
{
    private readonly Lock _lock = new();
    private readonly DomainTable _table;
    private readonly KeptDomainFiles _files;
    private ImmutableDictionary<Guid, KeptDomain> _domains = ImmutableDictionary<Guid, KeptDomain>.Empty;

    /// <summary>Reads what is stored, and has the table respect its names.</summary>
    public KeptDomains(DomainTable table, KeptDomainFiles files, ILogger<KeptDomains> log)
    {
        _table = table;
        _files = files;
        foreach (KeptDomain domain in files.ReadAll(problem => log.Error(problem)))
        {
            if (Volatile.Read(ref _domains).Values.FirstOrDefault(other => other.Name == domain.Name) is { } other)
                log.Error($"the managed domain {domain.Uuid} is left out: it has the name '{domain.Name}' of {other.Uuid}");
            else
                _domains = _domains.SetItem(domain.Uuid, domain);
        }

        table.NameHolder = Objection;
    }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<KeptDomain> All => [.. Volatile.Read(ref _domains).Values.OrderBy(static domain => domain.Name, StringComparer.Ordinal)];

    /// <summary>The managed domain a person means by a name or an identity, or null.</summary>
    public KeptDomain? Find(string reference)
    {
        ImmutableDictionary<Guid, KeptDomain> domains = Volatile.Read(ref _domains);
        return domains.Values.FirstOrDefault(domain => string.Equals(domain.Name, reference, StringComparison.Ordinal))
            ?? (Guid.TryParse(reference, out Guid uuid) ? domains.GetValueOrDefault(uuid) : null);
    }

    /// <summary>The managed domain of an identity, or null.</summary>
    public KeptDomain? Find(Guid uuid) => Volatile.Read(ref _domains).GetValueOrDefault(uuid);

    /// <summary>Keeps a domain, or what it is to be from now on.</summary>
    /// <exception cref="XendException">Its name is another's, or it cannot be stored; then all is as it was.</exception>
    public void Keep(VmConfiguration configuration) => _table.WithNameFree(configuration.Name, configuration.Uuid, () =>
    {
        lock (_lock)
        {
            if (Objection(configuration.Name, configuration.Uuid) is { } objection)
                throw XendException.Generic(objection);
            KeptDomain domain = new(configuration);
            _files.Write(domain);
            _domains = _domains.SetItem(domain.Uuid, domain);
        }
    });

    /// <summary>Forgets a domain.</summary>
    /// <exception cref="XendException">Its file cannot be removed.</exception>
    public void Forget(KeptDomain domain)
    {
        lock (_lock)
        {
            _files.Delete(domain);
            _domains = _domains.Remove(domain.Uuid);
        }
    }

    /// <summary>Why a domain of this identity cannot have this name; null: it can.</summary>
    private string? Objection(string name, Guid uuid)
    {
        ImmutableDictionary<Guid, KeptDomain> domains = Volatile.Read(ref _domains);
        if (domains.Values.Any(domain => domain.Uuid != uuid && string.Equals(domain.Name, name, StringComparison.Ordinal)))
            return $"Domain name '{name}' is already used.";
        return null;
    }
}
