using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Processes;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>
/// Tells each domain's process with which others its guest may share events and memory, so that a hypercall need not wait for this process; and hears what they
/// have denied. Told anew when a domain comes, whose number is never used again, and when the policy changes.
/// </summary>
internal sealed class SharingPeers
{
    private readonly SecurityService _security;
    private readonly DomainTable _table;

    public SharingPeers(SecurityService security, SecurityAdministration administration, DomainTable table)
    {
        _security = security;
        _table = table;
        administration.Changed += Tell;
    }

    /// <summary>Listens to what a domain's process denies. Before the process may say anything.</summary>
    public void Listen(ManagedDomain domain, DomainProcessClient process) =>
        process.SharingDenied += denied => _security.MayShare(denied.Operation, domain.Id, new Sdk.DomainId(denied.Domain));

    /// <summary>Tells all processes.</summary>
    public void Tell()
    {
        ManagedDomain[] all = [.. _table.All];
        foreach (ManagedDomain domain in all)
            Tell(domain, all);
    }

    private void Tell(ManagedDomain domain, ManagedDomain[] all)
    {
        if (domain.Process is not { SpeaksOfPeers: true } process)
            return;
        bool isOpen = _security.Module is not { Status.IsEnforcing: true };
        process.Tell(new ControlMessage.Peers(isOpen ? null : [.. all.Where(other => other != domain && MayShare(domain, other)).Select(static other => (int)other.Id.Value)]));
    }

    // Asked of the module itself: this is no attempt, and nothing to write down.
    private bool MayShare(ManagedDomain one, ManagedDomain two) =>
        _security.Module!.MayShare(SecurityOperation.EventChannelBind, one.Id, two.Id).IsAllowed;
}
