namespace Hospes.Hypervisor.Domains;

/// <summary>What a vCPU is doing, with the numbers of RUNSTATE_* (fact sheet "Guest ABI", 8.4).</summary>
public enum VcpuRunstate
{
    /// <summary>Executes guest code.</summary>
    Running = 0,

    /// <summary>Has work and waits for a pCPU.</summary>
    Runnable = 1,

    /// <summary>Waits for an event or a timer.</summary>
    Blocked = 2,

    /// <summary>Not started, taken down, paused, or halted for good.</summary>
    Offline = 3,
}
