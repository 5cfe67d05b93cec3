using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

internal sealed unsafe partial class TranslatorCpu
{
    /// <inheritdoc/>
    public CpuExit Run()
    {
        ServeRequests();
        InstructionsExecuted++;
        FailureReason = null;
        return CpuExit.Failed;
    }
}
