using System.Buffers.Binary;

namespace Hospes.Hypervisor.Builders.Acpi;

/// <summary>
/// The fixed description table, revision 5 (ACPI 5.0, section 5.2.9). It says what a PVH guest lacks: VGA and the CMOS clock (by which Linux tells
/// PVH when it was not entered that way), PM timer, fixed buttons, and by "hardware reduced" all fixed registers, so that no guest looks for them.
/// </summary>
internal static class Fadt
{
    private const int Size = 268;
    private const int DsdtOffset = 40;
    private const int InterruptOffset = 46;
    private const int Level2LatencyOffset = 96;
    private const int Level3LatencyOffset = 98;
    private const int BootArchitectureOffset = 109;
    private const int FlagsOffset = 112;
    private const int ExtendedDsdtOffset = 140;

    // Nothing raises it; but Linux programs the number as level-triggered, and 0 would be the timer's.
    private const ushort SystemControlInterrupt = 9;

    private const ushort NoVga = 1 << 2;
    private const ushort NoCmosClock = 1 << 5;

    private const uint WritebackInvalidate = 1 << 0;
    private const uint C1OnAllProcessors = 1 << 2;
    private const uint NoFixedPowerButton = 1 << 4;
    private const uint NoFixedSleepButton = 1 << 5;
    private const uint NoFixedClockWake = 1 << 6;
    private const uint HardwareReduced = 1 << 20;

    /// <summary>The table that leads to the DSDT at <paramref name="dsdt"/>.</summary>
    public static byte[] Build(uint dsdt)
    {
        byte[] table = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(DsdtOffset), dsdt);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(ExtendedDsdtOffset), dsdt);

        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(InterruptOffset), SystemControlInterrupt);

        // Above 100 and 1000 microseconds mean that the processors have neither C2 nor C3.
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(Level2LatencyOffset), 0xfff);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(Level3LatencyOffset), 0xfff);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(BootArchitectureOffset), NoVga | NoCmosClock);
        BinaryPrimitives.WriteUInt32LittleEndian(
            table.AsSpan(FlagsOffset),
            WritebackInvalidate | C1OnAllProcessors | NoFixedPowerButton | NoFixedSleepButton | NoFixedClockWake | HardwareReduced);
        return AcpiTable.Finish(table, "FACP", revision: 5);
    }
}
