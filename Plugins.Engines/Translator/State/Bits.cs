namespace Hospes.Engines.Translator.State;

/// <summary>Architectural bits (AMD64 Architecture Programmer's Manual volume 2; Intel SDM volume 3) that more than one part tests.</summary>
internal static class Bits
{
    internal const uint Carry = 1 << 0;
    internal const uint Fixed1 = 1 << 1;
    internal const uint Parity = 1 << 2;
    internal const uint Adjust = 1 << 4;
    internal const uint Zero = 1 << 6;
    internal const uint Sign = 1 << 7;
    internal const uint Trap = 1 << 8;
    internal const uint Interrupt = 1 << 9;
    internal const uint Direction = 1 << 10;
    internal const uint Overflow = 1 << 11;
    internal const uint IoPrivilege = 3 << 12;
    internal const uint NestedTask = 1 << 14;
    internal const uint Resume = 1 << 16;
    internal const uint Virtual8086 = 1 << 17;
    internal const uint AlignmentCheck = 1 << 18;
    internal const uint VirtualInterrupt = 1 << 19;
    internal const uint VirtualInterruptPending = 1 << 20;
    internal const uint Identification = 1 << 21;

    internal const uint Arithmetic = Carry | Parity | Adjust | Zero | Sign | Overflow;

    internal const ulong Cr0ProtectionEnable = 1 << 0;
    internal const ulong Cr0MonitorCoprocessor = 1 << 1;
    internal const ulong Cr0Emulation = 1 << 2;
    internal const ulong Cr0TaskSwitched = 1 << 3;
    internal const ulong Cr0ExtensionType = 1 << 4;
    internal const ulong Cr0NumericError = 1 << 5;
    internal const ulong Cr0WriteProtect = 1 << 16;
    internal const ulong Cr0AlignmentMask = 1 << 18;
    internal const ulong Cr0Paging = 1UL << 31;

    internal const ulong Cr4TimeStampDisable = 1 << 2;
    internal const ulong Cr4DebuggingExtensions = 1 << 3;
    internal const ulong Cr4PageSizeExtensions = 1 << 4;
    internal const ulong Cr4PhysicalAddressExtension = 1 << 5;
    internal const ulong Cr4PageGlobal = 1 << 7;
    internal const ulong Cr4PerformanceCounter = 1 << 8;
    internal const ulong Cr4FxsrSse = 1 << 9;
    internal const ulong Cr4SimdExceptions = 1 << 10;
    internal const ulong Cr4FsGsBase = 1 << 16;
    internal const ulong Cr4ProcessContext = 1 << 17; // PCIDE
    internal const ulong Cr4XsaveEnable = 1 << 18;
    internal const ulong Cr4Smep = 1 << 20;
    internal const ulong Cr4Smap = 1 << 21;

    internal const ulong EferSyscall = 1 << 0;
    internal const ulong EferLongModeEnable = 1 << 8;
    internal const ulong EferLongModeActive = 1 << 10;
    internal const ulong EferNoExecute = 1 << 11;
}
