using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Operations;

/// <summary>
/// A private state of the store that requests read and change: for one request, or for a whole transaction, which also remembers what it depended
/// on. Not synchronised: used by one thread at a time; the tree it started from never changes.
/// </summary>
internal sealed class WorkingCopy(StoreTree start, StampSource stamps, bool isTransaction)
{
    private readonly StoreTree _start = start;
    private readonly Dictionary<StorePath, NodeFacets> _observed = [];
    private readonly Dictionary<StorePath, ChangeKinds> _changes = [];
    private readonly List<StorePath> _order = [];

    public StoreTree Tree { get; private set; } = start;

    public bool IsTransaction => isTransaction;

    /// <summary>It was begun under a Host that is no more, and cannot be committed.</summary>
    public bool IsLost { get; init; }

    public bool HasChanges => _order.Count > 0;

    /// <summary>Paths this transaction must remember.</summary>
    public int Observed => _observed.Count;

    /// <summary>Changed paths, in the order of their first change since they were last removed.</summary>
    public IEnumerable<(StorePath Path, ChangeKinds Kinds)> Changes => _order.Select(path => (path, _changes[path]));

    /// <summary>Notes that what follows depends on these parts of a node as they were at the start.</summary>
    public void Observe(StorePath path, NodeFacets facets)
    {
        if (isTransaction)
            _observed[path] = _observed.GetValueOrDefault(path) | facets;
    }

    /// <summary>Makes a node, and those above it that <paramref name="parts"/> beyond the first <paramref name="existing"/> ask for.</summary>
    public void Create(StorePath path, ReadOnlySpan<string> parts, int existing, byte[] value, NodePermissions permissions)
    {
        // Built from the bottom and hung up once, so that a deep path costs no more than it is long.
        var node = StoreNode.Create(value, permissions, stamps.Next());
        for (int i = parts.Length - 1; i > existing; i--)
        {
            long stamp = stamps.Next();
            node = StoreNode.Create([], permissions, stamp).WithChild(parts[i], node, stamp);
        }

        var top = StorePath.FromParts(parts[..(existing + 1)]);
        Observe(top, NodeFacets.Value);
        Observe(top.Parent, NodeFacets.Permissions);
        Tree = Tree.Attach(top, node, stamps);
        Note(top, ChangeKinds.Value | ChangeKinds.Permissions);
        Note(path, ChangeKinds.Value | ChangeKinds.Permissions | ChangeKinds.Named);
    }

    public void SetValue(StorePath path, byte[] value)
    {
        Tree = Tree.SetValue(path, value, stamps);
        Note(path, ChangeKinds.Value | ChangeKinds.Named);
    }

    public void SetPermissions(StorePath path, NodePermissions permissions)
    {
        Tree = Tree.SetPermissions(path, permissions, stamps);
        Note(path, ChangeKinds.Permissions | ChangeKinds.Named);
    }

    public void Remove(StorePath path)
    {
        Tree = Tree.Remove(path, stamps);

        // Whatever was done at or below the path before is gone with it; what is done there later must come after the removal.
        _order.RemoveAll(changed => changed.IsAtOrBelow(path) && _changes.Remove(changed));

        Note(path, ChangeKinds.Removed | ChangeKinds.Named);
    }

    /// <summary>True if others have changed, since the start, something that this transaction depends on.</summary>
    public bool ConflictsWith(StoreTree current)
    {
        if (ReferenceEquals(_start, current))
            return false;
        foreach (var (path, facets) in _observed)
        {
            if (!StoreNode.Same(_start.Find(path), current.Find(path), facets))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The current state with this transaction's changes made to it. Only after <see cref="ConflictsWith"/> said no: every parent is then known to
    /// be there still, and every node created here to be absent.
    /// </summary>
    public StoreTree ApplyTo(StoreTree current)
    {
        foreach (var (path, kinds) in Changes)
        {
            if (kinds.HasFlag(ChangeKinds.Removed))
                current = current.Remove(path, stamps);
            if (Tree.Find(path) is not { } final || ReferenceEquals(current.Find(path), final))
                continue;
            if (current.Find(path) is null)
            {
                current = Graft(current, path);
                continue;
            }

            if (kinds.HasFlag(ChangeKinds.Value))
                current = current.SetValue(path, final.Value, stamps);
            if (kinds.HasFlag(ChangeKinds.Permissions))
                current = current.SetPermissions(path, final.Permissions, stamps);
        }

        return current;
    }

    // What is missing in the current state was made by this transaction, and so was everything below it: it goes over whole.
    private StoreTree Graft(StoreTree current, StorePath path)
    {
        string[] parts = path.Parts();
        current.FindNearest(parts, out int existing);
        var top = StorePath.FromParts(parts.AsSpan(0, existing + 1));
        return current.Attach(top, Tree.Find(top)!, stamps);
    }

    private void Note(StorePath path, ChangeKinds kinds)
    {
        if (!_changes.TryGetValue(path, out var before))
            _order.Add(path);
        _changes[path] = before | kinds;
    }
}
