namespace Hospes.Hypervisor.Domains;

/// <summary>Why a vCPU does not execute although nobody holds it.</summary>
internal enum IdleReason
{
    /// <summary>It executes.</summary>
    None,

    /// <summary>HLT with interrupts enabled.</summary>
    Halted,

    /// <summary>HLT with interrupts disabled.</summary>
    HaltedForever,

    /// <summary>SCHEDOP_block.</summary>
    Blocked,

    /// <summary>SCHEDOP_poll.</summary>
    Polling,
}
