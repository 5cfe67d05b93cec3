namespace Hospes.Host.Xenstore;

/// <summary>
/// What an unprivileged domain may use of the store (fact sheet "Guest ABI", section 10: the sizes that users of Xen know), and how far the
/// server lets undelivered messages pile up for anybody.
/// </summary>
public sealed record XenstoreQuotas
{
    /// <summary>Nodes a domain may own; one more is refused with ENOSPC.</summary>
    public int Nodes { get; init; } = 1000;

    /// <summary>Watches a domain may hold; one more is refused with E2BIG.</summary>
    public int Watches { get; init; } = 128;

    /// <summary>Transactions a domain may have open; one more is refused with ENOSPC.</summary>
    public int Transactions { get; init; } = 10;

    /// <summary>Bytes in a node: its value, its children's names, 8 for each permission beyond the owner's. More is refused with ENOSPC.</summary>
    public int NodeBytes { get; init; } = 2048;

    /// <summary>Paths that one transaction of a domain may touch; bounds what the server must remember for it. More is refused with ENOSPC.</summary>
    public int TransactionPaths { get; init; } = 1024;

    /// <summary>
    /// Watch events that may wait for a client that doesn't read. A socket client is then disconnected; a domain, which cannot connect again,
    /// gets one event per watch instead of the many.
    /// </summary>
    public int PendingEvents { get; init; } = 4096;

    /// <summary>Bytes of undelivered replies after which no further request of that client is read until it takes some.</summary>
    public int PendingReplyBytes { get; init; } = 65536;
}
