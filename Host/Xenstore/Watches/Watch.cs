using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Watches;

/// <summary>One registered watch.</summary>
internal sealed class Watch(IWatchOwner owner, StorePath path, string token, bool relative)
{
    private readonly int _prefix = relative ? StorePath.OfDomain(owner.Caller.Domain).Text.Length + 1 : 0;
    private volatile bool _cancelled;

    public IWatchOwner Owner => owner;

    public StorePath Path => path;

    /// <summary>The client's own name for the watch: any bytes but NUL, as Latin-1.</summary>
    public string Token => token;

    /// <summary>True once it is taken back; events still on their way are then dropped.</summary>
    public bool IsCancelled => _cancelled;

    public void Cancel() => _cancelled = true;

    /// <summary>A path at or below the watched one as its owner wants to see it: relative if the watch was registered so.</summary>
    public string Present(StorePath changed) => changed.Text[_prefix..];
}
