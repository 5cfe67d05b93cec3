using System.Globalization;
using Hospes.Host.Logging;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;

namespace Hospes.Host.Domains.Adoption;

/// <summary>Removes nodes of the store that belong to domains that there are not: their Host ended before it could, or with the machine.</summary>
internal sealed class StoreSweep(XenstoreServer server, DomainTable table, ILogger<StoreSweep> log)
{
    private const string Domains = "/local/domain";
    private const string Identities = "/vm";

    private static readonly string[] ByClass = [$"{Domains}/0/backend", $"{Domains}/0/error/backend"];

    private readonly XenstoreClient _store = server.Connect();

    /// <summary>Removes them.</summary>
    /// <param name="strangers">Numbers of domains that are there but not this Host's.</param>
    public void Run(IReadOnlyCollection<int> strangers)
    {
        bool IsKnown(string name) => !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number == 0 || strangers.Contains(number) || table.All.Any(domain => domain.Id.Value == number);

        foreach (string home in _store.List(Domains).Where(name => !IsKnown(name)))
            Remove($"{Domains}/{home}");
        foreach (string root in ByClass)
        {
            foreach (string path in _store.List(root).Select(name => $"{root}/{name}"))
            {
                foreach (string domain in _store.List(path).Where(name => !IsKnown(name)))
                    Remove($"{path}/{domain}");
                if (_store.List(path).Count == 0)
                    Remove(path);
            }
        }

        // Only what a domain has written for itself: others may keep things there too.
        foreach (string identity in _store.List(Identities))
        {
            string? owner = _store.Read($"{Identities}/{identity}/xend/owner");
            bool isStrangers = int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && strangers.Contains(number);
            if (owner is not null && !isStrangers && !table.All.Any(domain => domain.Uuid.ToString() == identity))
                Remove($"{Identities}/{identity}");
        }
    }

    private void Remove(string path)
    {
        log.Info($"store: {path} belongs to no domain any more");
        _store.Remove(path);
    }
}
