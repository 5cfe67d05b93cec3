using Hospes.Hypervisor.Builders.Acpi;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>What a PVH guest's address space holds (fact sheet "Guest ABI", section 1.4): RAM, ACPI tables, special pages, RAM above the hole.</summary>
internal static class PvhMemoryMap
{
    private const ulong HighRamStart = 0x1_0000_0000;

    /// <summary>The map by rising address.</summary>
    public static IReadOnlyList<MemoryMapEntry> Build(ulong ramBytes, ulong acpiBytes)
    {
        ulong low = GuestMemory.LowRam(ramBytes);
        List<MemoryMapEntry> map =
        [
            new(new GuestPhysical(0), low, MemoryMapType.Ram),
            new(AcpiTables.Base, acpiBytes, MemoryMapType.Acpi),
            new(SpecialPages.First.Start, SpecialPages.Count * GuestMemory.FrameSize, MemoryMapType.Reserved),
        ];
        if (ramBytes > low)
            map.Add(new MemoryMapEntry(new GuestPhysical(HighRamStart), ramBytes - low, MemoryMapType.Ram));
        return map;
    }
}
