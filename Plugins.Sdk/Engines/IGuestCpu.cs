namespace Hospes.Sdk.Engines;

/// <summary>
/// One virtual CPU. <see cref="Run"/>, <see cref="Capture"/> and <see cref="Restore"/> belong to the vCPU's thread; the others say.
/// </summary>
public interface IGuestCpu : IDisposable
{
    /// <summary>Executes guest code until something ends it. The poll word is looked at before the first instruction.</summary>
    CpuExit Run();

    /// <summary>Copies the architectural state out. Not while <see cref="Run"/> is executing on another thread.</summary>
    void Capture(CpuState state);

    /// <summary>Replaces the architectural state and forgets cached translations.</summary>
    void Restore(CpuState state);

    /// <summary>
    /// Walks the guest's current page tables as a supervisor access. To be called on the vCPU's thread, from a host callback or outside <see cref="Run"/>.
    /// Sets no accessed or dirty bits and raises no fault.
    /// </summary>
    bool TryTranslate(GuestLinear linear, out GuestPhysical physical);

    /// <summary>Guest instructions executed since creation; approximate while running, and an engine that compiles may leave those of compiled code out. Any thread.</summary>
    ulong InstructionsExecuted { get; }

    /// <summary>After <see cref="CpuExit.Failed"/>: what went wrong and where, for a log; else null.</summary>
    string? FailureReason { get; }
}
