using Hospes.Sdk.Engines;

namespace Hospes.ScriptedEngine;

/// <summary>
/// An engine for tests of what surrounds engines: its "machine code" is a script of single letters (see <see cref="ScriptedCpu"/>), so a test says
/// exactly when its guest prints, waits, shuts down or takes its process with it.
/// </summary>
[ExecutionEngine("scripted")]
public sealed class ScriptedExecutionEngine : IExecutionEngine
{
    /// <inheritdoc/>
    public EngineAvailability Probe() => new(true, "runs scripts of tests");

    /// <inheritdoc/>
    public IGuestMachine CreateMachine(IGuestMemory memory) => new ScriptedMachine(memory);
}
