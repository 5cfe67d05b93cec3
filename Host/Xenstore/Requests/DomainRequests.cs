using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>Requests about domains. Those that change something are dom0's alone.</summary>
internal static class DomainRequests
{
    /// <summary>
    /// Announces a domain. The ring's frame and port must be there but aren't used: a domain's process brings the ring's bytes here by a stream of
    /// its own.
    /// </summary>
    public static Reply Introduce(RequestContext context, PayloadReader payload)
    {
        if (!context.Caller.IsPrivileged)
            return XenstoreError.EACCES;
        bool valid = payload.TryDomain(out var domain) && domain != DomainId.Zero
            && payload.TryString(out string frame) && long.TryParse(frame, out _)
            && payload.TryNumber(out uint port) && port != 0;
        if (!valid)
            return XenstoreError.EINVAL;
        context.Domains.Introduce(domain);
        return Reply.Ok;
    }

    public static Reply Release(RequestContext context, PayloadReader payload)
    {
        if (!context.Caller.IsPrivileged)
            return XenstoreError.EACCES;
        if (!payload.TryDomain(out var domain) || domain == DomainId.Zero)
            return XenstoreError.EINVAL;
        return context.Domains.Release(domain) ? Reply.Ok : XenstoreError.ENOENT;
    }

    public static Reply Resume(RequestContext context, PayloadReader payload)
    {
        if (!context.Caller.IsPrivileged)
            return XenstoreError.EACCES;
        if (!payload.TryDomain(out var domain))
            return XenstoreError.EINVAL;
        if (context.Domains.Find(domain) is not { IsIntroduced: true } entry)
            return XenstoreError.ENOENT;
        entry.IsShutDown = false;
        return Reply.Ok;
    }

    public static Reply SetTarget(RequestContext context, PayloadReader payload)
    {
        if (!context.Caller.IsPrivileged)
            return XenstoreError.EACCES;
        if (!payload.TryDomain(out var domain) || !payload.TryDomain(out var target) || target == DomainId.Zero)
            return XenstoreError.EINVAL;
        if (context.Domains.Find(domain) is not { } entry || !context.Domains.IsIntroduced(target))
            return XenstoreError.ENOENT;
        entry.Session.SetTarget(target);
        return Reply.Ok;
    }

    public static Reply IsIntroduced(RequestContext context, PayloadReader payload)
    {
        if (!payload.TryNumber(out uint number) || number > ushort.MaxValue)
            return XenstoreError.EINVAL;
        var domain = number == DomainId.Self.Value ? context.Caller.Domain : new DomainId((ushort)number);
        return Reply.OfText(context.Domains.IsIntroduced(domain) ? "T" : "F");
    }

    public static Reply GetPath(PayloadReader payload) =>
        payload.TryDomain(out var domain) ? Reply.OfText(StorePath.OfDomain(domain).Text) : XenstoreError.EINVAL;
}
