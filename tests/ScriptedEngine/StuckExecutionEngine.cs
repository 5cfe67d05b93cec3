using Hospes.Sdk.Engines;

namespace Hospes.ScriptedEngine;

/// <summary>An engine that never gets ready: its domain is being made until somebody ends its process.</summary>
[ExecutionEngine("stuck")]
public sealed class StuckExecutionEngine : IExecutionEngine
{
    /// <inheritdoc/>
    public EngineAvailability Probe() => new(true, "waits");

    /// <inheritdoc/>
    public IGuestMachine CreateMachine(IGuestMemory memory)
    {
        Thread.Sleep(Timeout.Infinite);
        throw new InvalidOperationException("nobody can get here");
    }
}
