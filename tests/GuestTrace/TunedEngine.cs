using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Native;
using Hospes.Sdk.Engines;

namespace Hospes.GuestTrace;

/// <summary>The translator with habits that the environment sets.</summary>
internal sealed class TunedEngine : IExecutionEngine
{
    private readonly TranslatorOptions _options = new()
    {
        CompileAfter = Number("GUEST_TRACE_COMPILE_AFTER") ?? new TranslatorOptions().CompileAfter,
        CodeBytes = Number("GUEST_TRACE_CODE_BYTES") ?? NativeCode.DefaultBytes,
        CountLookUps = Environment.GetEnvironmentVariable("GUEST_TRACE_LOOKUPS") == "1",
        PerfMap = PerfMap.AskedFor(),
    };

    public EngineAvailability Probe() => new TranslatorEngine().Probe();

    public IGuestMachine CreateMachine(IGuestMemory memory) => new TranslatorMachine(memory, _options);

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? text == "never" ? int.MaxValue : int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : null;
}
