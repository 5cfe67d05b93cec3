namespace Hospes.Host.Scheduling;

/// <summary>What a vCPU is doing, as <c>xm list</c> and <c>xm vcpu-list</c> show it.</summary>
internal enum VcpuActivity
{
    /// <summary>Not started, or over.</summary>
    Offline,

    /// <summary>On a pCPU.</summary>
    Running,

    /// <summary>Waiting for a pCPU, or kept from one by a pause.</summary>
    Runnable,

    /// <summary>Nothing to do.</summary>
    Blocked,
}
