using System.Globalization;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>The DEBUG request (today called CONTROL; <c>xenstore-control</c> sends it): a look inside the server, for dom0.</summary>
internal static class ControlRequests
{
    private static string Help => "check|help|quota";

    public static Reply Run(RequestContext context, PayloadReader payload)
    {
        if (!context.Caller.IsPrivileged)
            return XenstoreError.EACCES;
        if (!payload.TryString(out string command))
            return XenstoreError.EINVAL;
        return command switch
        {
            "help" => Reply.OfText(Help),
            "check" => Check(context.Engine.Tree),
            "quota" => Reply.OfText(Quota(context.Engine.Quotas)),
            _ => XenstoreError.EINVAL,
        };
    }

    /// <summary>Counts the nodes anew and compares with the running account; EIO if that is wrong.</summary>
    private static Reply Check(StoreTree tree)
    {
        var counted = new Dictionary<DomainId, int>();
        bool sound = Count(tree.Root, counted)
            && counted.Count == tree.NodesOwned.Count
            && counted.All(pair => tree.CountOwnedBy(pair.Key) == pair.Value);
        return sound ? Reply.Ok : XenstoreError.EIO;
    }

    private static bool Count(StoreNode node, Dictionary<DomainId, int> counted)
    {
        var owner = node.Permissions.Owner;
        counted[owner] = counted.GetValueOrDefault(owner) + 1;
        return node.ChildNameBytes == node.Children.Keys.Sum(static name => name.Length + 1)
            && node.Children.Values.All(child => Count(child, counted));
    }

    private static string Quota(XenstoreQuotas quotas) => string.Create(
        CultureInfo.InvariantCulture,
        $"nodes: {quotas.Nodes}\nwatches: {quotas.Watches}\ntransactions: {quotas.Transactions}\nnode-size: {quotas.NodeBytes}\n");
}
