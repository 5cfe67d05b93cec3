namespace Hospes.Host.Scheduling;

/// <summary>What the scheduler plugin has been told about a vCPU.</summary>
internal enum Standing
{
    /// <summary>Not runnable.</summary>
    Blocked,

    /// <summary>Runnable, waiting for a pCPU.</summary>
    Ready,

    /// <summary>On a pCPU.</summary>
    Running,
}
