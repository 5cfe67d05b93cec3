namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>Which CPU an ELF file is for (<c>e_machine</c>, System V ABI, chapter 4 and its registry).</summary>
internal static class ElfMachine
{
    public const ushort I386 = 3;
    public const ushort X86_64 = 62;

    /// <summary>How people call the CPU.</summary>
    public static string Name(ushort machine) => machine switch
    {
        2 or 43 => "SPARC",
        I386 => "32-bit x86",
        4 => "68000",
        8 => "MIPS",
        15 => "PA-RISC",
        20 => "32-bit PowerPC",
        21 => "64-bit PowerPC",
        22 => "S/390",
        40 => "32-bit ARM",
        42 => "SuperH",
        50 => "Itanium",
        X86_64 => "64-bit x86",
        183 => "64-bit AArch64",
        243 => "RISC-V",
        247 => "BPF",
        258 => "LoongArch",
        _ => $"machine type {machine}",
    };
}
