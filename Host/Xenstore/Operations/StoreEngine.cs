using Hospes.Host.Xenstore.Journal;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Watches;

namespace Hospes.Host.Xenstore.Operations;

/// <summary>
/// The current state of the store and who watches it. One lock guards everything; work under it is computation, and the write of a change to the journal, which waits for no medium.
/// </summary>
/// <remarks>Lock order: <see cref="Gate"/>, then an outbox's. Members other than <see cref="Gate"/> and <see cref="Stamps"/> want the gate held.</remarks>
internal sealed class StoreEngine
{
    private readonly List<WatchEvent> _events = [];
    private readonly StoreJournal? _journal;

    /// <param name="quotas">What domains may use.</param>
    /// <param name="journal">Where changes are kept; null: nowhere.</param>
    /// <param name="tree">The store as the journal has it.</param>
    public StoreEngine(XenstoreQuotas quotas, StoreJournal? journal = null, StoreTree? tree = null)
    {
        Quotas = quotas;
        _journal = journal;
        Stamps = journal?.Stamps ?? new StampSource();
        Tree = tree ?? StoreTree.Initial(Stamps);
    }

    public Lock Gate { get; } = new();

    public XenstoreQuotas Quotas { get; }

    public StampSource Stamps { get; }

    /// <summary>Differs from one opening of a kept store to the next: where numbers of transactions begin.</summary>
    public uint FirstTransaction => (uint)((_journal?.Opening ?? 0) * 0x9e37_79b1);

    public WatchTable Watches { get; } = new();

    public StoreTree Tree { get; private set; }

    /// <summary>Does one request's work: in the transaction given, or at once.</summary>
    public XenstoreError Apply(Caller caller, WorkingCopy? transaction, Func<StoreOperations, XenstoreError> work)
    {
        if (transaction is not null)
            return work(new StoreOperations(transaction, caller, Quotas));
        var copy = new WorkingCopy(Tree, Stamps, isTransaction: false);
        var error = work(new StoreOperations(copy, caller, Quotas));
        if (error == XenstoreError.None && copy.HasChanges)
            Publish(copy, copy.Tree);
        return error;
    }

    public WorkingCopy BeginTransaction() => new(Tree, Stamps, isTransaction: true);

    /// <summary>
    /// A transaction that was begun before the Host went away. What it has read and written is lost; so that its owner begins anew, and meets no error
    /// that it cannot deal with, it goes on in any state there is and its end conflicts.
    /// </summary>
    public WorkingCopy ReviveTransaction() => new(Tree, Stamps, isTransaction: true) { IsLost = true };

    /// <summary>
    /// Makes a transaction's changes the store's, if nothing it depends on has changed. One that changed nothing saw a consistent state and never
    /// conflicts.
    /// </summary>
    public XenstoreError Commit(Caller caller, WorkingCopy transaction)
    {
        if (transaction.IsLost)
            return XenstoreError.EAGAIN;
        if (!transaction.HasChanges)
            return XenstoreError.None;
        if (transaction.ConflictsWith(Tree))
            return XenstoreError.EAGAIN;
        var merged = transaction.ApplyTo(Tree);
        int owned = merged.CountOwnedBy(caller.Domain);
        if (!caller.IsPrivileged && owned > Quotas.Nodes && owned > Tree.CountOwnedBy(caller.Domain))
            return XenstoreError.ENOSPC;
        Publish(transaction, merged);
        return XenstoreError.None;
    }

    /// <summary>Notes that a special watch's moment has come.</summary>
    public void FireSpecial(StorePath special) => Watches.MatchSpecial(Tree, special, _events);

    /// <summary>Notes the event that every new watch gets at once.</summary>
    public void FireInitial(Watch watch) => _events.Add(new(watch, watch.Path));

    /// <summary>Hands the noted events to the watches' owners; after the reply of the request that caused them.</summary>
    public void DeliverEvents()
    {
        foreach (var noted in _events)
            noted.Deliver();
        _events.Clear();
    }

    private void Publish(WorkingCopy copy, StoreTree after)
    {
        var before = Tree;
        Tree = after;
        _journal?.Committed(before, after, copy.Changes);
        foreach (var (path, kinds) in copy.Changes)
            Watches.Match(before, after, path, kinds, _events);
    }
}
