namespace Hospes.Hypervisor.Leases;

/// <summary>Where a vCPU stands with its lease.</summary>
public enum LeasePhase
{
    /// <summary>Its thread has not started.</summary>
    Offline = 0,

    /// <summary>Nothing to do; holds no pCPU.</summary>
    Blocked = 1,

    /// <summary>Wants a pCPU and waits for the grant.</summary>
    Runnable = 2,

    /// <summary>Holds a pCPU and may run guest code.</summary>
    Running = 3,

    /// <summary>Holds a pCPU and sleeps on it.</summary>
    Asleep = 4,

    /// <summary>Its thread has come to its end.</summary>
    Ended = 5,
}
