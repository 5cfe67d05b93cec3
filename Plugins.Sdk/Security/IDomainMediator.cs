namespace Hospes.Sdk.Security;

/// <summary>
/// What a domain's machine asks before its guest gets at another domain. Asked on a vCPU's thread in the midst of a hypercall: answers at once, without
/// waiting and without allocation, and is itself responsible for the denial being written down.
/// </summary>
public interface IDomainMediator
{
    /// <summary>Whether the guest may do this with another domain.</summary>
    /// <param name="operation">Event channel or grant, and what with it.</param>
    /// <param name="other">The other domain, neither itself nor domain 0, with which it may share or would not run at all.</param>
    bool MayShare(SecurityOperation operation, DomainId other);
}
