using Hospes.Host.Xenstore.Operations;

namespace Hospes.Host.Xenstore.Watches;

/// <summary>Whoever registered a watch.</summary>
internal interface IWatchOwner
{
    /// <summary>As whom it may read.</summary>
    Caller Caller { get; }

    /// <summary>Takes an event for later delivery. Called with the store's lock held: must not block, and must not call back.</summary>
    void Deliver(Watch watch, string eventPath);
}
