namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>Bits of the x87 status and control words (Intel SDM volume 1, sections 8.1.3 and 8.1.5). Exceptions are at the places of FloatFlags.</summary>
internal static class FpuWords
{
    internal const ushort StackFault = 1 << 6;

    /// <summary>An unmasked exception is pending; bit 15, "busy", mirrors it.</summary>
    internal const ushort ErrorSummary = 1 << 7;

    internal const ushort Busy = 1 << 15;
    internal const ushort C0 = 1 << 8;
    internal const ushort C1 = 1 << 9;
    internal const ushort C2 = 1 << 10;
    internal const ushort C3 = 1 << 14;
    internal const ushort Conditions = C0 | C1 | C2 | C3;
}
