using Hospes.Host.Api;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>What listings show in the column of labels (fact sheet "xm", section 4.2).</summary>
internal sealed class SecurityText(SecurityService security)
{
    private const string Inactive = "INACTIVE";
    private const string Unlabeled = "unlabeled";

    /// <summary>A domain with what its label is shown as.</summary>
    public DomainInfo Complete(DomainInfo domain) => domain with
    {
        Label = security.Status switch
        {
            null => Inactive,
            { IsEnforcing: false } status => status.Policy,
            SecurityStatus status when domain.Domid == 0 => status.HostLabel ?? Unlabeled,
            _ => domain.Label ?? Unlabeled,
        },
    };
}
