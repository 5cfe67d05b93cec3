using System.Buffers.Binary;
using Hospes.Hypervisor.Builders.Images;

namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>The notes by which a kernel tells a Xen toolstack how it wants to be started (fact sheet "Guest ABI", sections 1.1 and 13).</summary>
internal static class XenNote
{
    /// <summary>The owner's name in the notes.</summary>
    public const string Owner = "Xen";

    /// <summary>XEN_ELFNOTE_ENTRY: virtual address where a classic paravirtual start begins.</summary>
    public const uint Entry = 1;

    /// <summary>XEN_ELFNOTE_PHYS32_ENTRY: physical address where a PVH start begins.</summary>
    public const uint Phys32Entry = 18;

    /// <summary>The PVH entry.</summary>
    /// <exception cref="ImageFaultException">There is none, or it is no 32-bit address.</exception>
    public static uint FindPhys32Entry(IReadOnlyList<ElfNote> notes)
    {
        ElfNote? note = notes.FirstOrDefault(note => note.Owner == Owner && note.Type == Phys32Entry)
            ?? throw new ImageFaultException(notes.Any(note => note.Owner == Owner && note.Type == Entry)
                ? "has only Xen's classic paravirtual entry and no PHYS32_ENTRY note (needs CONFIG_PVH)"
                : "has no PHYS32_ENTRY note (needs CONFIG_PVH)");
        ulong entry = note.Description.Length switch
        {
            4 => BinaryPrimitives.ReadUInt32LittleEndian(note.Description),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(note.Description),
            int length => throw new ImageFaultException($"has a PHYS32_ENTRY note of {length} bytes, where 4 or 8 are defined"),
        };
        return entry <= uint.MaxValue
            ? (uint)entry
            : throw new ImageFaultException($"has a PHYS32_ENTRY note with 0x{entry:x}, which is not below 4 GiB");
    }
}
