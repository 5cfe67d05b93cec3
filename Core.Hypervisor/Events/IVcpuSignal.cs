namespace Hospes.Hypervisor.Events;

/// <summary>How event delivery reaches a vCPU. Any thread.</summary>
internal interface IVcpuSignal
{
    /// <summary>upcall_pending went from 0 to 1: interrupt the guest, and wake the vCPU if it sleeps.</summary>
    void UpcallRaised();

    /// <summary>The vCPU polls and may have got what it waits for.</summary>
    void PollEnded();
}
