namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>The x87 family. FXSAVE and FXRSTOR are system instructions, FISTTP is here though SSE3 brought it.</summary>
internal static class FpuInstructions
{
    /// <summary>Enters every handler of this folder.</summary>
    internal static void Register(HandlerTable table)
    {
        FpuLoad.Register(table);
        FpuStore.Register(table);
        FpuStack.Register(table);
        FpuArithmetic.Register(table);
        FpuCompare.Register(table);
        FpuUnary.Register(table);
        FpuRemainder.Register(table);
        FpuTranscendental.Register(table);
        FpuControl.Register(table);
        FpuImages.Register(table);
    }
}
