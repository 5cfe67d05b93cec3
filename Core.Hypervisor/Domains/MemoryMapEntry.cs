namespace Hospes.Hypervisor.Domains;

/// <summary>A range of guest-physical addresses and what it is (E820 types: 1 RAM, 2 reserved, 3 ACPI).</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Type">Type.</param>
internal readonly record struct MemoryMapEntry(ulong Start, ulong Length, uint Type)
{
    private const uint Ram = 1;
    private const uint Reserved = 2;
    private const uint AcpiTables = 3;

    // Where the builder puts things (fact sheet "Guest ABI", 1.4).
    private const ulong AcpiStart = 0xfc00_0000;
    private const ulong AcpiLength = 0x1_0000;
    private const ulong SpecialPagesStart = 0xfeff_8000;
    private const ulong SpecialPagesLength = 0x8000;
    private const ulong HighRamStart = 0x1_0000_0000;

    /// <summary>The map of a guest with this much RAM.</summary>
    internal static MemoryMapEntry[] For(ulong ramBytes)
    {
        ulong low = Memory.GuestMemory.LowRam(ramBytes);
        List<MemoryMapEntry> map =
        [
            new(0, low, Ram),
            new(AcpiStart, AcpiLength, AcpiTables),
            new(SpecialPagesStart, SpecialPagesLength, Reserved),
        ];
        if (ramBytes > low)
            map.Add(new(HighRamStart, ramBytes - low, Ram));
        return [.. map];
    }
}
