namespace Hospes.Host.DomainProcess;

/// <summary>
/// A kernel of two instructions for <see cref="Rehearsal"/>: <c>cli; hlt</c>, by which a PVH guest powers itself off (fact sheet "Guest ABI", section 1).
/// </summary>
internal static class RehearsalKernel
{
    // An ELF32 file (System V ABI, chapters 4 and 5) whose headers, note and code follow each other.
    private static ReadOnlySpan<byte> Bytes =>
    [
        0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, // e_ident: 32 bits, little-endian
        2, 0, 3, 0, 1, 0, 0, 0, // e_type executable, e_machine 386, e_version
        0, 0, 0x10, 0, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // e_entry 1 MiB, e_phoff, e_shoff, e_flags
        0x34, 0, 0x20, 0, 2, 0, 0, 0, 0, 0, 0, 0, // e_ehsize, e_phentsize, e_phnum, and no sections
        1, 0, 0, 0, 0x88, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x10, 0, // PT_LOAD: offset, p_vaddr and p_paddr 1 MiB
        4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, // p_filesz, p_memsz, p_flags, p_align
        4, 0, 0, 0, 0x74, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // PT_NOTE: offset
        0x14, 0, 0, 0, 0x14, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, // p_filesz, p_memsz, p_flags, p_align
        4, 0, 0, 0, 4, 0, 0, 0, 18, 0, 0, 0, 0x58, 0x65, 0x6e, 0, 0, 0, 0x10, 0, // the note PHYS32_ENTRY of "Xen": 1 MiB
        0xfa, 0xf4, 0xeb, 0xfd, // cli; hlt; jmp back to the hlt
    ];

    /// <summary>Writes it to a file.</summary>
    public static void Write(Microsoft.Win32.SafeHandles.SafeFileHandle file) => RandomAccess.Write(file, Bytes, 0);
}
