namespace Hospes.Host.Xenstore.Sessions;

/// <summary>What becomes of a client that lets more watch events pile up than <see cref="XenstoreQuotas.PendingEvents"/>.</summary>
internal enum OverflowPolicy
{
    /// <summary>Its connection is closed: a program can connect again and start over.</summary>
    Disconnect,

    /// <summary>Its events are summed up, one per watch: a guest's kernel cannot connect again.</summary>
    SumUp,
}
