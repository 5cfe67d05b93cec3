using System.Collections.Immutable;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tree;

/// <summary>
/// The whole store at one moment: the nodes, the permissions of the special watches, and how many nodes each domain owns. Immutable and made of
/// plain data, so it can be kept as a transaction's snapshot, compared, and written down.
/// </summary>
internal sealed record StoreTree
{
    public required StoreNode Root { get; init; }

    /// <summary>Stand-ins for the special watches: only their permissions mean something.</summary>
    public required ImmutableDictionary<StorePath, StoreNode> Specials { get; init; }

    public ImmutableDictionary<DomainId, int> NodesOwned { get; init; } = ImmutableDictionary<DomainId, int>.Empty;

    /// <summary>A store as it is at start: <c>/tool/xenstored</c>, and special watches that tell dom0 only.</summary>
    public static StoreTree Initial(StampSource stamps)
    {
        var permissions = NodePermissions.OwnedBy(DomainId.Zero);
        var specials = ImmutableDictionary<StorePath, StoreNode>.Empty
            .Add(StorePath.IntroduceDomain, StoreNode.Create([], permissions, stamps.Next()))
            .Add(StorePath.ReleaseDomain, StoreNode.Create([], permissions, stamps.Next()));
        return new StoreTree
        {
            Root = StoreNode.Create([], permissions, stamps.Next()),
            Specials = specials,
            NodesOwned = ImmutableDictionary<DomainId, int>.Empty.Add(DomainId.Zero, 1),
        }
        .Attach(StorePath.Parse("/tool"), StoreNode.Create([], permissions, stamps.Next()), stamps)
        .Attach(StorePath.Parse("/tool/xenstored"), StoreNode.Create([], permissions, stamps.Next()), stamps);
    }

    public StoreNode? Find(StorePath path)
    {
        if (path.IsSpecial)
            return Specials.GetValueOrDefault(path);
        StoreNode? node = Root;
        foreach (string part in path.Parts())
        {
            if (!node.Children.TryGetValue(part, out node))
                return null;
        }

        return node;
    }

    public int CountOwnedBy(DomainId domain) => NodesOwned.GetValueOrDefault(domain);

    /// <summary>The deepest node on the way to a path that exists, and how many of <paramref name="parts"/> lead to it.</summary>
    public StoreNode FindNearest(ReadOnlySpan<string> parts, out int found)
    {
        var node = Root;
        for (found = 0; found < parts.Length && node.Children.TryGetValue(parts[found], out var child); found++)
            node = child;
        return node;
    }

    /// <summary>Hangs a node with everything below it under a path that doesn't exist and whose parent does.</summary>
    public StoreTree Attach(StorePath path, StoreNode node, StampSource stamps)
    {
        var owned = NodesOwned.ToBuilder();
        Count(node, owned, 1);
        long stamp = stamps.Next();
        return Change(path.Parent, parent => parent.WithChild(path.Name, node, stamp), stamp) with { NodesOwned = owned.ToImmutable() };
    }

    public StoreTree SetValue(StorePath path, byte[] value, StampSource stamps)
    {
        long stamp = stamps.Next();
        return Change(path, node => node with { Value = value, ValueStamp = stamp, SubtreeStamp = stamp }, stamp);
    }

    public StoreTree SetPermissions(StorePath path, NodePermissions permissions, StampSource stamps)
    {
        long stamp = stamps.Next();
        StoreNode Changed(StoreNode node) => node with { Permissions = permissions, PermissionsStamp = stamp, SubtreeStamp = stamp };
        if (path.IsSpecial)
            return this with { Specials = Specials.SetItem(path, Changed(Specials[path])) };
        var owned = NodesOwned.ToBuilder();
        Count(Find(path)!.Permissions.Owner, owned, -1);
        Count(permissions.Owner, owned, 1);
        return Change(path, Changed, stamp) with { NodesOwned = owned.ToImmutable() };
    }

    /// <summary>Takes out a node and everything below it; does nothing if it isn't there.</summary>
    public StoreTree Remove(StorePath path, StampSource stamps)
    {
        if (Find(path) is not { } removed)
            return this;
        var owned = NodesOwned.ToBuilder();
        Count(removed, owned, -1);
        long stamp = stamps.Next();
        return Change(path.Parent, parent => parent.WithoutChild(path.Name, stamp), stamp) with { NodesOwned = owned.ToImmutable() };
    }

    private static void Count(DomainId owner, ImmutableDictionary<DomainId, int>.Builder owned, int by)
    {
        int count = owned.GetValueOrDefault(owner) + by;
        if (count == 0)
            owned.Remove(owner);
        else
            owned[owner] = count;
    }

    private static void Count(StoreNode node, ImmutableDictionary<DomainId, int>.Builder owned, int by)
    {
        Count(node.Permissions.Owner, owned, by);
        foreach (var child in node.Children.Values)
            Count(child, owned, by);
    }

    // Recursion is as deep as a path has parts: at most 1,536 (StorePath.MaximumAbsolute).
    private static StoreNode Change(StoreNode node, ReadOnlySpan<string> parts, Func<StoreNode, StoreNode> change, long stamp) => parts.IsEmpty
        ? change(node)
        : node.WithChild(parts[0], Change(node.Children[parts[0]], parts[1..], change, stamp), stamp);

    private StoreTree Change(StorePath path, Func<StoreNode, StoreNode> change, long stamp) =>
        this with { Root = Change(Root, path.Parts(), change, stamp) };
}
