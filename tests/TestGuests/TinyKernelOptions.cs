namespace Hospes.TestGuests;

/// <summary>What kind of ELF file <see cref="TinyKernel"/> makes. The defaults give a kernel that every PVH loader takes.</summary>
public sealed record TinyKernelOptions
{
    /// <summary>An ELF64 rather than an ELF32 file. The code is entered in 32-bit mode in both.</summary>
    public bool Is64Bit { get; init; }

    /// <summary><c>e_machine</c>; null for the one that fits the width: EM_386 (3) or EM_X86_64 (62).</summary>
    public ushort? Machine { get; init; }

    /// <summary>Where the code is loaded.</summary>
    public uint LoadAddress { get; init; } = 0x10_0000;

    /// <summary>Bytes from the load address to the entry.</summary>
    public uint EntryOffset { get; init; }

    /// <summary>Zeroed memory after the code.</summary>
    public uint ZeroedBytes { get; init; }

    /// <summary>Where the PHYS32_ENTRY note stands.</summary>
    public NotePlace Note { get; init; } = NotePlace.Segment;

    /// <summary>The note's number; 18 is PHYS32_ENTRY.</summary>
    public uint NoteType { get; init; } = 18;

    /// <summary>Bytes of the note's value: 4 or 8.</summary>
    public int NoteValueSize { get; init; } = 4;

    /// <summary>Further segments to load.</summary>
    public IReadOnlyList<TinySegment> MoreSegments { get; init; } = [];
}
