namespace Hospes.Hypervisor.Events;

/// <summary>One port of a domain. Written under the table's lock; read without it by senders.</summary>
internal struct EventPortEntry
{
    /// <summary>What the port is.</summary>
    internal EventPortState State;

    /// <summary>Allocated by the hypervisor for a back-end of its own (store, console): EVTCHNOP_reset leaves it alone.</summary>
    internal bool IsFixed;

    /// <summary>The vCPU that is told.</summary>
    internal int Vcpu;

    /// <summary>The virtual interrupt's number.</summary>
    internal int Virq;

    /// <summary>Who may bind, or has bound, the other end.</summary>
    internal ushort RemoteDomain;

    /// <summary>The other end's port when it is in this guest too.</summary>
    internal uint RemotePort;

    /// <summary>The other end when it is a back-end of this process.</summary>
    internal BackendChannel? Backend;
}
