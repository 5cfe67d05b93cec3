namespace Hospes.Engines.Translator.State;

/// <summary>Exception vectors (Intel SDM volume 3, table 6-1).</summary>
internal static class Vectors
{
    internal const byte DivideError = 0;
    internal const byte Debug = 1;
    internal const byte Nmi = 2;
    internal const byte Breakpoint = 3;
    internal const byte Overflow = 4;
    internal const byte BoundRange = 5;
    internal const byte InvalidOpcode = 6;
    internal const byte DeviceNotAvailable = 7;
    internal const byte DoubleFault = 8;
    internal const byte InvalidTss = 10;
    internal const byte SegmentNotPresent = 11;
    internal const byte StackFault = 12;
    internal const byte GeneralProtection = 13;
    internal const byte PageFault = 14;
    internal const byte FpuError = 16;
    internal const byte AlignmentCheck = 17;
    internal const byte SimdError = 19;
}
