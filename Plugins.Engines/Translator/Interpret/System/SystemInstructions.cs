namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>All families of system instructions.</summary>
internal static class SystemInstructions
{
    internal static void Register(HandlerTable table)
    {
        SegmentInstructions.Register(table);
        TableInstructions.Register(table);
        ControlRegisterInstructions.Register(table);
        ProcessorInstructions.Register(table);
        PortInstructions.Register(table);
        FarTransfers.Register(table);
        InterruptReturn.Register(table);
        SystemCalls.Register(table);
        StateInstructions.Register(table);
    }
}
