using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Watches;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>
/// What the store keeps for one wire client: its watches, its transactions, what is to be sent to it. A socket client's session ends with its
/// connection; a domain's lasts until the domain is released, whatever happens to the stream, since the guest doesn't know of streams.
/// All but <see cref="Outbox"/> is guarded by the store's lock.
/// </summary>
internal sealed class ClientSession(Caller caller, Outbox outbox) : IWatchOwner
{
    private uint _lastTransaction;
    private uint _firstTransaction;
    private bool _hasEarlier;

    public Caller Caller { get; private set; } = caller;

    public Outbox Outbox => outbox;

    public List<Watch> Watches { get; } = [];

    public Dictionary<uint, WorkingCopy> Transactions { get; } = [];

    /// <summary>True once nothing more is done for this client.</summary>
    public bool IsEnded { get; private set; }

    public void SetTarget(Sdk.DomainId target) => Caller = Caller with { Target = target };

    public bool TryPath(string text, out StorePath path) => StorePath.TryParse(text, Caller.Domain, out path, out _);

    /// <summary>Keeps a new transaction under a number that no other of this client has; never 0.</summary>
    public uint AddTransaction(WorkingCopy copy)
    {
        do
        {
            _lastTransaction++;
        }
        while (_lastTransaction == 0 || Transactions.ContainsKey(_lastTransaction));
        Transactions.Add(_lastTransaction, copy);
        return _lastTransaction;
    }

    /// <summary>The client was one of an earlier Host's, and may have transactions of that time.</summary>
    /// <param name="first">Where this Host's numbers begin.</param>
    public void ContinueFrom(uint first)
    {
        _hasEarlier = true;
        _firstTransaction = _lastTransaction = first;
    }

    /// <summary>Whether a transaction that is not known here can be one of an earlier Host's.</summary>
    public bool MayBeEarlier(uint transaction) => _hasEarlier && unchecked(transaction - _firstTransaction - 1) >= unchecked(_lastTransaction - _firstTransaction);

    /// <summary>Forgets all watches and transactions.</summary>
    public void Reset(WatchTable table)
    {
        foreach (var watch in Watches)
            table.Remove(watch);
        Watches.Clear();
        Transactions.Clear();
    }

    public void End(WatchTable table)
    {
        IsEnded = true;
        Reset(table);
    }

    public void Deliver(Watch watch, string eventPath) => outbox.Event(watch, eventPath);
}
