using System.Collections.Concurrent;
using System.Globalization;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>
/// All domains but dom0, by number. Names and identities are unique from the moment that a domain is begun. Numbers are given out upwards and not
/// used again while the appliance runs.
/// </summary>
internal sealed class DomainTable
{
    /// <summary>Numbers from 0x7ff0 on mean something else to guests (fact sheet "Guest ABI", section 6).</summary>
    private const int FirstReserved = 0x7ff0;

    /// <summary>dom0's name, which no other domain may have.</summary>
    public const string Domain0Name = "Domain-0";

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ushort, ManagedDomain> _domains = new();
    private int _next = 1;

    /// <summary>The domains that there are, by number; those being created are left out.</summary>
    public IEnumerable<ManagedDomain> Listed => All.Where(static domain => domain.Phase != DomainPhase.Creating);

    /// <summary>Also those being created: what they were promised counts.</summary>
    public IEnumerable<ManagedDomain> All => _domains.Values.OrderBy(static domain => domain.Id);

    /// <summary>For each domain its process and the memory it is to have, KiB: what <see cref="MemoryLedger"/> asks for.</summary>
    public IEnumerable<(int ProcessId, long KiB)> Promised(ManagedDomain? except = null) => All
        .Where(domain => domain != except && domain.Phase != DomainPhase.Dying)
        .Select(static domain => (domain.Process?.ProcessId ?? 0, domain.MemoryTargetKiB));

    /// <summary>Numbers up to and including this one are taken, by domains of an earlier daemon that run on.</summary>
    public void SkipNumbersUpTo(int number)
    {
        lock (_lock)
            _next = Math.Max(_next, number + 1);
    }

    /// <summary>Begins a domain: takes a number, its name and its identity.</summary>
    /// <param name="configuration">What it is to be.</param>
    /// <param name="restarts">What its earlier incarnations went through.</param>
    /// <param name="now">The time.</param>
    /// <param name="replaced">The incarnation whose name and identity it takes over; that one stays listed until it is removed.</param>
    /// <exception cref="XendException">Name or identity are taken.</exception>
    public ManagedDomain Begin(VmConfiguration configuration, RestartHistory restarts, DateTimeOffset now, ManagedDomain? replaced = null)
    {
        lock (_lock)
        {
            RequireFree(configuration.Name, replaced);
            ManagedDomain? sameUuid = _domains.Values.FirstOrDefault(domain => domain != replaced && domain.Uuid == configuration.Uuid);
            if (sameUuid is not null)
                throw XendException.Generic($"Domain UUID '{configuration.Uuid}' is already used by domain {sameUuid.Id} ({sameUuid.Name}).");
            if (_next >= FirstReserved)
                throw XendException.Generic("All domain numbers have been used. Stop xend and start it again.");
            ManagedDomain domain = new(new DomainId((ushort)_next++), configuration, restarts, now);
            _domains[domain.Id.Value] = domain;
            return domain;
        }
    }

    /// <summary>Knows a domain again that an earlier Host has left; its name and identity were free when it was made.</summary>
    public void Restore(ManagedDomain domain)
    {
        lock (_lock)
        {
            _domains[domain.Id.Value] = domain;
            _next = Math.Max(_next, domain.Id.Value + 1);
        }
    }

    /// <summary>The number that was given out last.</summary>
    public int LastNumber
    {
        get
        {
            lock (_lock)
                return _next - 1;
        }
    }

    /// <summary>Forgets a domain; its name is free again.</summary>
    public void Remove(ManagedDomain domain) => _domains.TryRemove(domain.Id.Value, out _);

    /// <summary>Whether the domain is still there.</summary>
    public bool Contains(ManagedDomain domain) => _domains.TryGetValue(domain.Id.Value, out ManagedDomain? found) && found == domain;

    /// <summary>Gives a domain another name and identity.</summary>
    /// <exception cref="XendException">The name is taken.</exception>
    public void Rename(ManagedDomain domain, string name, Guid uuid)
    {
        lock (_lock)
        {
            if (!string.Equals(domain.Name, name, StringComparison.Ordinal))
                RequireFree(name, domain);
            domain.Configuration = domain.Configuration with { Name = name, Uuid = uuid };
        }
    }

    /// <summary>The domain a person means: its name, else its number, else its identity (fact sheet "xm", section 1).</summary>
    /// <exception cref="XendException">There is none.</exception>
    public ManagedDomain Find(string reference)
    {
        ManagedDomain? found = Listed.FirstOrDefault(domain => string.Equals(domain.Name, reference, StringComparison.Ordinal));
        if (found is null && ushort.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            found = _domains.GetValueOrDefault(number);
        if (found is null && Guid.TryParse(reference, out Guid uuid))
            found = Listed.FirstOrDefault(domain => domain.Uuid == uuid);
        return found is null || found.Phase == DomainPhase.Creating ? throw XendException.NoSuchDomain(reference) : found;
    }

    /// <summary>Whether a person means dom0.</summary>
    public static bool IsDomain0(string reference) =>
        reference is Domain0Name || (int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number == 0)
        || (Guid.TryParse(reference, out Guid uuid) && uuid == Guid.Empty);

    private void RequireFree(string name, ManagedDomain? except)
    {
        if (string.Equals(name, Domain0Name, StringComparison.Ordinal))
            throw XendException.Generic($"VM name '{name}' already exists as domain 0");
        ManagedDomain? holder = _domains.Values.FirstOrDefault(domain => domain != except && string.Equals(domain.Name, name, StringComparison.Ordinal));
        if (holder is not null)
            throw XendException.Generic($"VM name '{name}' already exists as domain {holder.Id}");
    }
}
