using System.Collections.Concurrent;
using System.Net;
using Hospes.Networking.Nat.Dhcp;

namespace Hospes.Networking.Nat.Dns;

/// <summary>The names that we ourselves know: guests' by their domains' names, and dom0's. Any thread.</summary>
internal sealed class GuestNames
{
    /// <summary>The zone of our names; a name without a dot is in it too. <c>.internal</c> is set aside for such use.</summary>
    internal const string Domain = "xen.internal";

    /// <summary>dom0's own name.</summary>
    internal const string Domain0 = "dom0";

    private readonly ConcurrentDictionary<string, (string Name, IPAddress Address, IPAddress Router)> _guests = new(StringComparer.Ordinal);

    internal void Add(string vif, string domainName, IPAddress address, IPAddress router) =>
        _guests[vif] = (DhcpResponder.HostName(domainName).ToLowerInvariant(), address, router);

    internal void Remove(string vif) => _guests.TryRemove(vif, out _);

    /// <summary>Whether a name is one of ours, and so is nobody else's to answer.</summary>
    internal static bool IsOurs(string name) => !name.Contains('.', StringComparison.Ordinal) || name.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase);

    /// <summary>The addresses that a name stands for, of its first interface first.</summary>
    internal IPAddress[] Find(string name, IPAddress router)
    {
        string host = (name.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase) ? name[..^(Domain.Length + 1)] : name).ToLowerInvariant();
        return host == Domain0
            ? [router]
            : [.. _guests.OrderBy(static guest => guest.Key, StringComparer.Ordinal).Where(guest => guest.Value.Name == host).Select(static guest => guest.Value.Address)];
    }

    /// <summary>The name that an address of ours has, or null.</summary>
    internal string? Find(IPAddress address)
    {
        foreach ((string name, IPAddress guest, IPAddress router) in _guests.Values)
        {
            if (guest.Equals(address))
                return $"{name}.{Domain}";
            if (router.Equals(address))
                return $"{Domain0}.{Domain}";
        }

        return null;
    }
}
