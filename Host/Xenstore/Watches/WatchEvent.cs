using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Watches;

/// <summary>A change that a watch's owner is to hear of.</summary>
internal readonly record struct WatchEvent(Watch Watch, StorePath Path)
{
    public void Deliver() => Watch.Owner.Deliver(Watch, Watch.Present(Path));
}
