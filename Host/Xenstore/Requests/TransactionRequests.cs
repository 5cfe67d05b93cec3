using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>Starting and ending transactions.</summary>
internal static class TransactionRequests
{
    public static Reply Start(RequestContext context)
    {
        if (context.Transaction is not null)
            return XenstoreError.EBUSY;
        if (!context.Caller.IsPrivileged && context.Session.Transactions.Count >= context.Engine.Quotas.Transactions)
            return XenstoreError.ENOSPC;
        return Reply.OfText(context.Session.AddTransaction(context.Engine.BeginTransaction()).ToString());
    }

    public static Reply End(RequestContext context, PayloadReader payload)
    {
        if (!payload.TryString(out string answer) || answer is not ("T" or "F"))
            return XenstoreError.EINVAL;
        if (context.Transaction is not { } transaction)
            return XenstoreError.ENOENT;

        // Whatever comes of it, its number is free again.
        context.Session.Transactions.Remove(context.TransactionId);
        return answer == "T" ? context.Engine.Commit(context.Caller, transaction) : Reply.Ok;
    }
}
