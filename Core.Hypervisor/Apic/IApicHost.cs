namespace Hospes.Hypervisor.Apic;

/// <summary>The vCPU that a local APIC belongs to. Any thread.</summary>
internal interface IApicHost
{
    /// <summary>An interrupt may be deliverable now: have the engine ask.</summary>
    void InterruptRaised();

    /// <summary>Deliver an NMI.</summary>
    void RaiseNmi();

    /// <summary>INIT arrived.</summary>
    void Reset();

    /// <summary>A start-up message arrived.</summary>
    void StartAt(byte page);
}
