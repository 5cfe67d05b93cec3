using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Watches;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>Requests about watches. A transaction named in them is ignored: watches are never part of one.</summary>
internal static class WatchRequests
{
    public static Reply Watch(RequestContext context, PayloadReader payload)
    {
        if (!TryArguments(context, payload, out var path, out bool relative, out string token))
            return XenstoreError.EINVAL;
        var session = context.Session;
        if (Find(context, path, token) is not null)
            return XenstoreError.EEXIST;
        if (!context.Caller.IsPrivileged && session.Watches.Count >= context.Engine.Quotas.Watches)
            return XenstoreError.E2BIG;
        var watch = new Watch(session, path, token, relative);
        session.Watches.Add(watch);
        context.Engine.Watches.Add(watch);
        context.Engine.FireInitial(watch);
        return Reply.Ok;
    }

    public static Reply Unwatch(RequestContext context, PayloadReader payload)
    {
        if (!TryArguments(context, payload, out var path, out _, out string token))
            return XenstoreError.EINVAL;
        if (Find(context, path, token) is not { } watch)
            return XenstoreError.ENOENT;
        context.Session.Watches.Remove(watch);
        context.Engine.Watches.Remove(watch);
        return Reply.Ok;
    }

    /// <summary>A kernel that was started by another kernel clears what that one left behind.</summary>
    public static Reply Reset(RequestContext context)
    {
        context.Session.Reset(context.Engine.Watches);
        return Reply.Ok;
    }

    private static bool TryArguments(RequestContext context, PayloadReader payload, out StorePath path, out bool relative, out string token)
    {
        path = default;
        relative = false;
        token = "";
        return payload.TryString(out string text)
            && payload.TryString(out token)
            && StorePath.TryParse(text, context.Caller.Domain, out path, out relative);
    }

    private static Watch? Find(RequestContext context, StorePath path, string token) =>
        context.Session.Watches.Find(watch => watch.Path == path && watch.Token == token);
}
