namespace Hospes.Hypervisor.Events;

/// <summary>What a port is, with the numbers EVTCHNOP_status answers.</summary>
internal enum EventPortState : byte
{
    /// <summary>Free.</summary>
    Closed = 0,

    /// <summary>Waits for its remote domain to bind.</summary>
    Unbound = 1,

    /// <summary>Connected to a back-end of this process or to another port of the same guest.</summary>
    Interdomain = 2,

    /// <summary>A virtual interrupt.</summary>
    Virq = 4,

    /// <summary>The guest's own inter-processor interrupt.</summary>
    Ipi = 5,
}
