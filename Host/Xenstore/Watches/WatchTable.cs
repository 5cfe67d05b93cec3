using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Watches;

/// <summary>
/// All watches by path, and who is to hear of a change: finding them costs a look-up per part of the changed path, however many watches there are.
/// </summary>
internal sealed class WatchTable
{
    private readonly Dictionary<StorePath, List<Watch>> _byPath = [];

    public void Add(Watch watch)
    {
        if (!_byPath.TryGetValue(watch.Path, out var list))
            _byPath.Add(watch.Path, list = []);
        list.Add(watch);
    }

    public void Remove(Watch watch)
    {
        watch.Cancel();
        if (_byPath.TryGetValue(watch.Path, out var list) && list.Remove(watch) && list.Count == 0)
            _byPath.Remove(watch.Path);
    }

    /// <summary>Collects the events for one changed path.</summary>
    public void Match(StoreTree before, StoreTree after, StorePath path, ChangeKinds kinds, List<WatchEvent> events)
    {
        var was = before.Find(path);
        var now = after.Find(path);
        if (!kinds.HasFlag(ChangeKinds.Named) || _byPath.Count == 0 || (was is null && now is null))
            return;
        for (var at = path; ; at = at.Parent)
        {
            Collect(at, path, was, now, before, after, events);
            if (at.IsRoot || at.IsSpecial)
                break;
        }

        if (kinds.HasFlag(ChangeKinds.Removed) && was is not null)
            MatchBelow(before, after, path, was, now, events);
    }

    /// <summary>Collects the events for a special watch, for owners whom its permissions admit.</summary>
    public void MatchSpecial(StoreTree tree, StorePath special, List<WatchEvent> events) =>
        Collect(special, special, tree.Find(special), tree.Find(special), tree, tree, events);

    // A watch below a removed node hears of its own path, once, if there was a node.
    private void MatchBelow(StoreTree before, StoreTree after, StorePath path, StoreNode was, StoreNode? now, List<WatchEvent> events)
    {
        foreach (var (name, child) in was.Children)
        {
            var childPath = path.Child(name);
            var childNow = now?.Children.GetValueOrDefault(name);
            if (childNow is null)
                Collect(childPath, childPath, child, null, before, after, events);
            MatchBelow(before, after, childPath, child, childNow, events);
        }
    }

    private void Collect(
        StorePath watched, StorePath changed, StoreNode? was, StoreNode? now, StoreTree before, StoreTree after, List<WatchEvent> events)
    {
        if (!_byPath.TryGetValue(watched, out var watches))
            return;
        foreach (var watch in watches)
        {
            if (MayHear(watch.Owner.Caller, changed, was, now, before, after))
                events.Add(new(watch, changed));
        }
    }

    /// <summary>
    /// An event tells that a path exists or changed, so it goes only to those who could read the node before or can now; that a node appeared or
    /// went may also be known to those who may list its parent.
    /// </summary>
    private static bool MayHear(Caller owner, StorePath path, StoreNode? was, StoreNode? now, StoreTree before, StoreTree after)
    {
        if (CanRead(owner, was) || CanRead(owner, now))
            return true;
        return (was is null || now is null) && CanRead(owner, after.Find(path.Parent) ?? before.Find(path.Parent));
    }

    private static bool CanRead(Caller owner, StoreNode? node) => node is not null && owner.May(AccessRights.Read, node.Permissions);
}
