namespace Hospes.Hypervisor.Leases;

/// <summary>What one side has to tell the other, beside the phase.</summary>
[Flags]
public enum LeaseFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A wake-up came while there was no sleep to end: the next sleep returns at once. Set by the domain, cleared by the vCPU.</summary>
    WakePending = 1 << 8,

    /// <summary>The Host wants the pCPU back. Set by the Host together with <c>PollBits.Exit</c>, cleared by the vCPU as it gives back.</summary>
    Revoke = 1 << 9,

    /// <summary>Somebody waits for a pCPU: do not sleep in place. Set and cleared by the Host.</summary>
    Wanted = 1 << 10,

    /// <summary>The Host has let the turn's timer lapse while the vCPU was asleep in place: ring when it wakes. Set by the Host, cleared by the waker.</summary>
    RingOnWake = 1 << 11,

    /// <summary>Not to run until unpaused. Set and cleared by the Host; stays while there is no Host.</summary>
    Paused = 1 << 12,

    /// <summary>The domain has no Host: runnable vCPUs grant themselves. Set and cleared by the domain.</summary>
    Detached = 1 << 13,

    /// <summary>The vCPU's thread is to end. Set by the domain.</summary>
    Ending = 1 << 14,
}
