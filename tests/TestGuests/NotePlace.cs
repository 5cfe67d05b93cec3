namespace Hospes.TestGuests;

/// <summary>Where a test kernel has its PHYS32_ENTRY note.</summary>
public enum NotePlace
{
    /// <summary>In a segment of type PT_NOTE, as Linux has it.</summary>
    Segment,

    /// <summary>Only in a section of type SHT_NOTE.</summary>
    Section,

    /// <summary>Nowhere.</summary>
    Missing,
}
