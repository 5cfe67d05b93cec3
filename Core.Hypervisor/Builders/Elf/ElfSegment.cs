namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>A program header, the same for both widths.</summary>
/// <param name="Type"><c>p_type</c>.</param>
/// <param name="Offset"><c>p_offset</c>.</param>
/// <param name="PhysicalAddress"><c>p_paddr</c>.</param>
/// <param name="FileSize"><c>p_filesz</c>.</param>
/// <param name="MemorySize"><c>p_memsz</c>.</param>
/// <param name="Alignment"><c>p_align</c>.</param>
internal readonly record struct ElfSegment(uint Type, ulong Offset, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    public const uint Load = 1;
    public const uint Interpreter = 3;
    public const uint Note = 4;
}
