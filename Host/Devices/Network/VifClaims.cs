using System.Net;
using Hospes.Sdk.Networking;

namespace Hospes.Host.Devices.Network;

/// <summary>Which addresses and interface names are in use by guests. Any thread.</summary>
internal sealed class VifClaims
{
    private readonly Lock _lock = new();
    private readonly List<(string Interface, string Domain, VifSpecification Vif)> _claims = [];

    /// <summary>Claims what an interface uses; all or nothing. Disposing gives it back.</summary>
    /// <exception cref="XendException">Another has some of it; the message says which.</exception>
    public IDisposable Claim(string name, string domain, VifSpecification vif)
    {
        lock (_lock)
        {
            foreach ((string otherName, string otherDomain, VifSpecification other) in _claims)
            {
                if (other.Mac == vif.Mac)
                    throw XendException.Generic($"The mac \"{vif.Mac}\" is already defined, by {otherName} of domain '{otherDomain}'");
                if (otherName == name)
                    throw XendException.Generic($"The vifname \"{name}\" is already used, by domain '{otherDomain}'");
                foreach (IPAddress address in Hosts(vif).Intersect(Hosts(other)))
                    throw XendException.Generic($"The ip \"{address}\" is already used, by {otherName} of domain '{otherDomain}'");
            }

            (string, string, VifSpecification) claim = (name, domain, vif);
            _claims.Add(claim);
            return new Release(this, claim);
        }
    }

    /// <summary>Claims what an interface has had since before this Host came.</summary>
    public IDisposable Reclaim(string name, string domain, VifSpecification vif)
    {
        (string, string, VifSpecification) claim = (name, domain, vif);
        lock (_lock)
            _claims.Add(claim);
        return new Release(this, claim);
    }

    private static IEnumerable<IPAddress> Hosts(VifSpecification vif) => vif.Addresses.Select(static address => address.Address);

    private sealed class Release(VifClaims claims, (string Interface, string Domain, VifSpecification Vif) claim) : IDisposable
    {
        public void Dispose()
        {
            lock (claims._lock)
                claims._claims.Remove(claim);
        }
    }
}
