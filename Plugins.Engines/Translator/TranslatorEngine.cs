using System.Runtime.Intrinsics.X86;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

/// <summary>The software CPU: executes x86 real, protected and long mode without any hardware help.</summary>
[ExecutionEngine("translator")]
public sealed class TranslatorEngine : IExecutionEngine
{
    /// <inheritdoc/>
    public EngineAvailability Probe() => Sse42.X64.IsSupported && Popcnt.X64.IsSupported
        ? new EngineAvailability(true, "software CPU, interpreter")
        : new EngineAvailability(false, "the translator's vector instructions need a host CPU with SSE4.2 (x86-64-v2)");

    /// <inheritdoc/>
    public IGuestMachine CreateMachine(IGuestMemory memory) => new TranslatorMachine(memory);
}
