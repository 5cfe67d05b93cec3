using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Sessions;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>What a request is answered with: the store, the domains, who asks and in which of its transactions.</summary>
/// <param name="Transaction">Null outside one.</param>
/// <param name="TransactionId">0 outside one.</param>
internal readonly record struct RequestContext(
    StoreEngine Engine, DomainTable Domains, ClientSession Session, WorkingCopy? Transaction, uint TransactionId)
{
    public Caller Caller => Session.Caller;

    public XenstoreError Apply(Func<StoreOperations, XenstoreError> work) => Engine.Apply(Caller, Transaction, work);
}
