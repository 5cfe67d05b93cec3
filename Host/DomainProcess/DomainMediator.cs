using Hospes.Sdk;
using Hospes.Sdk.Security;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// Decides in a domain's process from what the Host has said last: which domains it may share with. Nothing has been said: with none. Denials are told to
/// the Host, which writes them down, up to so many a second.
/// </summary>
internal sealed class DomainMediator(TimeProvider clock) : IDomainMediator
{
    private const int MostToldPerSecond = 20;

    private volatile Peers _peers = new(false, []);
    private long _second;
    private int _told;

    /// <summary>The guest was kept from another domain; not each time, if it tries often.</summary>
    public event Action<SecurityOperation, DomainId>? Denied;

    /// <summary>What the Host says: the domains; null: any, since no policy is in force.</summary>
    public void Set(IReadOnlyList<int>? domains) => _peers = new Peers(domains is null, [.. (domains ?? []).Order()]);

    /// <inheritdoc/>
    public bool MayShare(SecurityOperation operation, DomainId other)
    {
        Peers peers = _peers;
        if (peers.Any || Array.BinarySearch(peers.Domains, other.Value) >= 0)
            return true;
        long second = clock.GetTimestamp() / clock.TimestampFrequency;
        if (Interlocked.Exchange(ref _second, second) != second)
            Volatile.Write(ref _told, 0);
        if (Interlocked.Increment(ref _told) <= MostToldPerSecond)
            Denied?.Invoke(operation, other);
        return false;
    }

    private sealed record Peers(bool Any, int[] Domains);
}
