namespace Hospes.Hypervisor.Apic;

/// <summary>
/// Local APIC registers by number: bits 4-11 of the address in the memory-mapped page, and the low byte of the MSR 0x800 + n in x2APIC mode
/// (Intel SDM volume 3, "Advanced Programmable Interrupt Controller").
/// </summary>
internal static class ApicRegister
{
    internal const int Id = 0x02;
    internal const int Version = 0x03;
    internal const int TaskPriority = 0x08;
    internal const int ArbitrationPriority = 0x09;
    internal const int ProcessorPriority = 0x0a;
    internal const int EndOfInterrupt = 0x0b;
    internal const int LogicalDestination = 0x0d;
    internal const int DestinationFormat = 0x0e;
    internal const int SpuriousVector = 0x0f;
    internal const int InService = 0x10;
    internal const int TriggerMode = 0x18;
    internal const int Request = 0x20;
    internal const int ErrorStatus = 0x28;
    internal const int CommandLow = 0x30;
    internal const int CommandHigh = 0x31;
    internal const int LvtTimer = 0x32;
    internal const int LvtThermal = 0x33;
    internal const int LvtPerformance = 0x34;
    internal const int LvtLint0 = 0x35;
    internal const int LvtLint1 = 0x36;
    internal const int LvtError = 0x37;
    internal const int InitialCount = 0x38;
    internal const int CurrentCount = 0x39;
    internal const int DivideConfiguration = 0x3e;
    internal const int SelfInterrupt = 0x3f;
}
