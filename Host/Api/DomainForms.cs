using Hospes.Host.Domains;
using Hospes.Sdk;
using Hospes.Sxp;

namespace Hospes.Host.Api;

/// <summary>Domains that run, and dom0, as <c>xm list --long</c> shows them.</summary>
internal sealed class DomainForms(DomainTable table, DomainListing listing, DomainStore store)
{
    /// <summary>All, dom0 first.</summary>
    public IEnumerable<SxpList> All() => [DomainForm.Make(listing.Find(DomainTable.Domain0Name), null, null), .. table.Listed.Select(Form)];

    /// <summary>One.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public SxpList Form(string reference)
    {
        DomainInfo info = listing.Find(reference);
        return info.Domid == 0 ? DomainForm.Make(info, null, null) : Form(table.Find(reference));
    }

    private SxpList Form(ManagedDomain domain)
    {
        DomainId id = domain.Id;
        (string, string)? rings = store.Get(id, "store/ring-ref") is { } storeRing && store.Get(id, "console/ring-ref") is { } consoleRing
            ? (storeRing, consoleRing)
            : null;
        return DomainForm.Make(listing.Describe(domain), domain, rings);
    }
}
