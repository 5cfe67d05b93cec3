using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Sessions;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>Answers requests, one at a time: the reply first, then the events it caused.</summary>
internal sealed class RequestDispatcher(StoreEngine engine, DomainTable domains)
{
    /// <summary>Answers a request into its client's outbox.</summary>
    public void Handle(ClientSession session, MessageHeader header, ReadOnlySpan<byte> payload)
    {
        lock (engine.Gate)
        {
            if (session.IsEnded)
                return;
            session.Outbox.Reply(header, Answer(session, header, payload));
            engine.DeliverEvents();
        }
    }

    private static bool Changes(MessageType type) => type is MessageType.Write or MessageType.MakeDirectory or MessageType.Remove
        or MessageType.SetPermissions or MessageType.Introduce or MessageType.Release or MessageType.Resume or MessageType.SetTarget;

    private static bool TakesTransaction(MessageType type) => type is MessageType.Directory or MessageType.DirectoryPart or MessageType.Read
        or MessageType.GetPermissions or MessageType.Write or MessageType.MakeDirectory or MessageType.Remove or MessageType.SetPermissions
        or MessageType.TransactionStart or MessageType.TransactionEnd;

    private Reply Answer(ClientSession session, MessageHeader header, ReadOnlySpan<byte> payload)
    {
        if (session.Caller.ReadOnly && Changes(header.Type))
            return XenstoreError.EROFS;
        WorkingCopy? transaction = null;
        if (header.TransactionId != 0 && TakesTransaction(header.Type)
            && !session.Transactions.TryGetValue(header.TransactionId, out transaction))
        {
            if (!session.MayBeEarlier(header.TransactionId) || session.Transactions.Count >= engine.Quotas.Transactions)
                return XenstoreError.ENOENT;
            session.Transactions.Add(header.TransactionId, transaction = engine.ReviveTransaction());
        }

        return Answer(header.Type, new(engine, domains, session, transaction, header.TransactionId), new(payload));
    }

    private static Reply Answer(MessageType type, RequestContext context, PayloadReader payload) => type switch
    {
        MessageType.Debug => ControlRequests.Run(context, payload),
        MessageType.Directory => NodeRequests.Directory(context, payload),
        MessageType.DirectoryPart => NodeRequests.DirectoryPart(context, payload),
        MessageType.Read => NodeRequests.Read(context, payload),
        MessageType.Write => NodeRequests.Write(context, payload),
        MessageType.MakeDirectory => NodeRequests.MakeDirectory(context, payload),
        MessageType.Remove => NodeRequests.Remove(context, payload),
        MessageType.GetPermissions => NodeRequests.GetPermissions(context, payload),
        MessageType.SetPermissions => NodeRequests.SetPermissions(context, payload),
        MessageType.Watch => WatchRequests.Watch(context, payload),
        MessageType.Unwatch => WatchRequests.Unwatch(context, payload),
        MessageType.ResetWatches => WatchRequests.Reset(context),
        MessageType.TransactionStart => TransactionRequests.Start(context),
        MessageType.TransactionEnd => TransactionRequests.End(context, payload),
        MessageType.Introduce => DomainRequests.Introduce(context, payload),
        MessageType.Release => DomainRequests.Release(context, payload),
        MessageType.Resume => DomainRequests.Resume(context, payload),
        MessageType.SetTarget => DomainRequests.SetTarget(context, payload),
        MessageType.IsDomainIntroduced => DomainRequests.IsIntroduced(context, payload),
        MessageType.GetDomainPath => DomainRequests.GetPath(payload),
        _ => XenstoreError.ENOSYS,
    };
}
