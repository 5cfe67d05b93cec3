using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.Native;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

/// <summary>The software CPU: executes x86 real, protected and long mode without any hardware help.</summary>
[ExecutionEngine("translator")]
public sealed class TranslatorEngine : IExecutionEngine
{
    /// <summary>The environment variable that has emitted code count its look-ups when it is 1.</summary>
    private const string CountVariable = "HOSPES_PERF_COUNT";

    /// <inheritdoc/>
    public EngineAvailability Probe()
    {
        if (!Sse42.X64.IsSupported || !Popcnt.X64.IsSupported)
            return new EngineAvailability(false, "the translator's vector instructions need a host CPU with SSE4.2 (x86-64-v2)");
        using ExecutableMemory? memory = ExecutableMemory.TryCreate(Environment.SystemPageSize);
        return new EngineAvailability(true, memory is null
            ? "software CPU, interpreter only: this host gives no executable memory"
            : "software CPU, compiles hot code");
    }

    /// <inheritdoc/>
    public IGuestMachine CreateMachine(IGuestMemory memory) => new TranslatorMachine(
        memory, new TranslatorOptions { PerfMap = PerfMap.AskedFor(), CountLookUps = Environment.GetEnvironmentVariable(CountVariable) == "1" });
}
