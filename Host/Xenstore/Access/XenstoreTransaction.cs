using Hospes.Host.Xenstore.Operations;

namespace Hospes.Host.Xenstore.Access;

/// <summary>
/// The store as one transaction sees it: as it was at its start, with its own changes. Valid inside the call that
/// <see cref="XenstoreClient.Atomically(Action{XenstoreTransaction})"/> makes, on that call's thread.
/// </summary>
public sealed class XenstoreTransaction : StoreAccess
{
    private readonly Caller _caller;
    private readonly XenstoreQuotas _quotas;

    internal XenstoreTransaction(WorkingCopy copy, Caller caller, XenstoreQuotas quotas)
    {
        Copy = copy;
        _caller = caller;
        _quotas = quotas;
    }

    internal WorkingCopy Copy { get; }

    private protected override XenstoreError Apply(Func<StoreOperations, XenstoreError> work) => work(new StoreOperations(Copy, _caller, _quotas));
}
