namespace Hospes.Hypervisor.Builders;

/// <summary>What a range of guest addresses is, in the numbers of E820 (fact sheet "Guest ABI", section 1.3).</summary>
public enum MemoryMapType
{
    /// <summary>Memory that the guest may use.</summary>
    Ram = 1,

    /// <summary>Not to be touched by the guest's allocator.</summary>
    Reserved = 2,

    /// <summary>ACPI tables.</summary>
    Acpi = 3,
}
