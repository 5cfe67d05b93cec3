using System.Collections.Immutable;

namespace Hospes.Host.Xenstore.Tree;

/// <summary>
/// One node, never changed after it was made: a change makes new nodes from here up to the root, so any old root is a snapshot of the whole store.
/// </summary>
internal sealed record StoreNode
{
    private static readonly ImmutableDictionary<string, StoreNode> NoChildren =
        ImmutableDictionary.Create<string, StoreNode>(StringComparer.Ordinal);

    public required byte[] Value { get; init; }

    public required NodePermissions Permissions { get; init; }

    public ImmutableDictionary<string, StoreNode> Children { get; init; } = NoChildren;

    /// <summary>Bytes of the children's names, each with its NUL.</summary>
    public int ChildNameBytes { get; init; }

    /// <summary>When it was created; children are listed in this order, because guests number their devices by the order they find.</summary>
    public required long Created { get; init; }

    public required long ValueStamp { get; init; }

    public required long PermissionsStamp { get; init; }

    public required long ChildrenStamp { get; init; }

    /// <summary>The last change at or below this node.</summary>
    public required long SubtreeStamp { get; init; }

    /// <summary>The last change of the node itself, as DIRECTORY_PART reports it.</summary>
    public long Generation => Math.Max(Math.Max(ValueStamp, PermissionsStamp), ChildrenStamp);

    public static StoreNode Create(byte[] value, NodePermissions permissions, long stamp) => new()
    {
        Value = value,
        Permissions = permissions,
        Created = stamp,
        ValueStamp = stamp,
        PermissionsStamp = stamp,
        ChildrenStamp = stamp,
        SubtreeStamp = stamp,
    };

    /// <summary>The children's names, oldest first.</summary>
    public IEnumerable<string> ChildNames() => Children.OrderBy(static c => c.Value.Created).Select(static c => c.Key);

    public StoreNode WithChild(string name, StoreNode child, long stamp) => Children.ContainsKey(name)
        ? this with { Children = Children.SetItem(name, child), SubtreeStamp = stamp }
        : this with
        {
            Children = Children.Add(name, child),
            ChildNameBytes = ChildNameBytes + name.Length + 1,
            ChildrenStamp = stamp,
            SubtreeStamp = stamp,
        };

    public StoreNode WithoutChild(string name, long stamp) => this with
    {
        Children = Children.Remove(name),
        ChildNameBytes = ChildNameBytes - name.Length - 1,
        ChildrenStamp = stamp,
        SubtreeStamp = stamp,
    };

    /// <summary>True if none of <paramref name="facets"/> differs between two states of one path; null stands for "does not exist".</summary>
    public static bool Same(StoreNode? one, StoreNode? other, NodeFacets facets)
    {
        if (one is null || other is null)
            return one is null && other is null;
        return (!facets.HasFlag(NodeFacets.Value) || one.ValueStamp == other.ValueStamp)
            && (!facets.HasFlag(NodeFacets.Permissions) || one.PermissionsStamp == other.PermissionsStamp)
            && (!facets.HasFlag(NodeFacets.Children) || one.ChildrenStamp == other.ChildrenStamp)
            && (!facets.HasFlag(NodeFacets.Subtree) || one.SubtreeStamp == other.SubtreeStamp);
    }
}
