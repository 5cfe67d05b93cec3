namespace Hospes.Sdk.Security;

/// <summary>
/// A mandatory access control policy: says who may run beside whom, and who may share what with whom. Lives in the control plane, which asks at every
/// place where domains come and go, or get at each other or at a resource, and carries out what it is told; it keeps no list of what is allowed itself.
/// Members may be called from any thread and several at once, and do not block for longer than it takes to read a small file.
/// <see cref="MayShare"/> is asked on the way of a guest's requests: a permission is answered without allocation.
/// A module that throws has denied. What a person administers of a policy is a second interface, <see cref="ISecurityPolicies"/>, and of labels of
/// resources a third, <see cref="IResourceLabels"/>.
/// </summary>
public interface ISecurityModule
{
    /// <summary>Begins, before anything else is asked: takes up the policy of an earlier control plane, or that of the boot entry.</summary>
    /// <param name="environment">Where its files are.</param>
    void Start(SecurityEnvironment environment);

    /// <summary>What is enforced at the moment.</summary>
    SecurityStatus Status { get; }

    /// <summary>
    /// Whether a domain may begin to run here; if so it is counted from now on, until <see cref="Dismiss"/>. One lock with changes of the policy: a domain is
    /// admitted under the old policy and seen by the change, or under the new one.
    /// </summary>
    /// <param name="domain">The domain, which nobody can see yet.</param>
    /// <param name="operation"><see cref="SecurityOperation.DomainCreate"/>, <see cref="SecurityOperation.DomainResume"/> or <see cref="SecurityOperation.MigrateIn"/>.</param>
    SecurityDecision Admit(SecuritySubject domain, SecurityOperation operation);

    /// <summary>A domain that an earlier control plane has admitted, and that runs: it is counted, whatever the policy says of it.</summary>
    void Recall(SecuritySubject domain);

    /// <summary>A domain has been destroyed, saved or migrated away. One that was never admitted is no matter.</summary>
    void Dismiss(DomainId domain);

    /// <summary>Whether two domains may share memory, events or store nodes. Domain 0 is one like others.</summary>
    /// <param name="operation">What is being attempted, for the denial.</param>
    /// <param name="subject">Who asks.</param>
    /// <param name="other">Whose memory, port or node it is.</param>
    SecurityDecision MayShare(SecurityOperation operation, DomainId subject, DomainId other);

    /// <summary>Whether a domain may have a resource. The resource has been opened: what is asked about is what will be used.</summary>
    SecurityDecision MayUse(SecurityOperation operation, SecuritySubject subject, SecurityResource resource);

    /// <summary>The class that the traffic of a network interface belongs to; null: no policy is enforced, and nothing is to be kept apart.</summary>
    /// <param name="domain">Whose interface.</param>
    /// <param name="label">The interface's own label, or null: its domain's.</param>
    TrafficClass? Traffic(SecuritySubject domain, SecurityLabel? label);
}
