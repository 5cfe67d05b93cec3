namespace Hospes.Sdk.Engines;

/// <summary>Why <see cref="IGuestCpu.Run"/> returned.</summary>
public enum CpuExit
{
    /// <summary><see cref="PollBits.Exit"/> was set.</summary>
    Requested,

    /// <summary>HLT with interrupts enabled and none waiting: nothing to do until an interrupt.</summary>
    Halted,

    /// <summary>HLT with interrupts disabled: only an NMI, INIT or reset ends this.</summary>
    HaltedForever,

    /// <summary>A triple fault: the CPU is in the shutdown state.</summary>
    TripleFault,

    /// <summary>The engine cannot go on; <see cref="IGuestCpu.FailureReason"/> says why. The guest is to be treated as crashed.</summary>
    Failed,
}
