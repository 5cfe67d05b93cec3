using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>The domains that the store knows of. Guarded by the store's lock.</summary>
internal sealed class DomainTable(StoreEngine engine)
{
    private readonly Dictionary<DomainId, DomainEntry> _domains = [];

    /// <summary>Says whether a domain may get at the nodes of another; null: every one may.</summary>
    public Func<DomainId, DomainId, bool>? Mediator { get; set; }

    public DomainEntry? Find(DomainId domain) => _domains.GetValueOrDefault(domain);

    public bool IsIntroduced(DomainId domain) => domain == DomainId.Zero || _domains.GetValueOrDefault(domain) is { IsIntroduced: true };

    /// <summary>The domain's entry, made if there is none yet: its stream may come before its introduction.</summary>
    public DomainEntry GetOrAdd(DomainId domain)
    {
        if (!_domains.TryGetValue(domain, out var entry))
            _domains.Add(domain, entry = new(new ClientSession(new Caller(domain) { MayReach = other => Mediator?.Invoke(domain, other) ?? true }, new Outbox(engine.Quotas, OverflowPolicy.SumUp))));
        return entry;
    }

    /// <summary>Announces a domain. Doing it again announces it again, as after a restore.</summary>
    public void Introduce(DomainId domain)
    {
        var entry = GetOrAdd(domain);
        entry.IsIntroduced = true;
        entry.IsShutDown = false;
        engine.FireSpecial(StorePath.IntroduceDomain);
    }

    /// <summary>Announces, once, that a domain has stopped running but is still there.</summary>
    public bool Shutdown(DomainId domain)
    {
        if (Find(domain) is not { IsIntroduced: true, IsShutDown: false } entry)
            return false;
        entry.IsShutDown = true;
        engine.FireSpecial(StorePath.ReleaseDomain);
        return true;
    }

    /// <summary>Forgets a domain, its watches and its transactions, and closes its stream. Its nodes stay.</summary>
    public bool Release(DomainId domain)
    {
        if (!_domains.Remove(domain, out var entry))
            return false;
        entry.Session.End(engine.Watches);
        entry.Pump?.Stop();
        engine.FireSpecial(StorePath.ReleaseDomain);
        return true;
    }
}
