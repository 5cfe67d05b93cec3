using System.Buffers.Binary;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>
/// The structure that ebx points to at the PVH entry, version 1, with all that it points to behind it: one module entry, the memory map, the command
/// line (fact sheet "Guest ABI", section 1.3).
/// </summary>
internal static class StartInfo
{
    private const uint Magic = 0x336e_c578;
    private const int HeaderSize = 56;
    private const int ModuleOffset = 64;
    private const int ModuleSize = 32;
    private const int MemoryMapOffset = ModuleOffset + ModuleSize;
    private const int MemoryMapEntrySize = 24;

    /// <summary>Bytes that <see cref="Write"/> gives.</summary>
    public static int Size(int memoryMapEntries, int commandLineBytes) => MemoryMapOffset + (memoryMapEntries * MemoryMapEntrySize) + commandLineBytes + 1;

    /// <summary>The structure for a place in guest memory.</summary>
    /// <param name="at">Where it goes.</param>
    /// <param name="commandLine">The command line, without a terminator.</param>
    /// <param name="memoryMap">What the guest's address space holds.</param>
    /// <param name="ramdisk">Where the ramdisk is, and its size; size 0 for none.</param>
    /// <param name="rsdp">Where ACPI begins.</param>
    public static byte[] Write(
        GuestPhysical at,
        ReadOnlySpan<byte> commandLine,
        IReadOnlyList<MemoryMapEntry> memoryMap,
        (GuestPhysical Start, ulong Size) ramdisk,
        GuestPhysical rsdp)
    {
        byte[] bytes = new byte[Size(memoryMap.Count, commandLine.Length)];
        bool hasRamdisk = ramdisk.Size != 0;
        int commandLineOffset = bytes.Length - commandLine.Length - 1;
        Span<byte> header = bytes.AsSpan(0, HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1); // version
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], hasRamdisk ? 1U : 0U); // nr_modules
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], hasRamdisk ? at.Address + ModuleOffset : 0); // modlist_paddr
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], at.Address + (ulong)commandLineOffset); // cmdline_paddr
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], rsdp.Address); // rsdp_paddr
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], at.Address + MemoryMapOffset); // memmap_paddr
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], (uint)memoryMap.Count); // memmap_entries
        if (hasRamdisk)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ModuleOffset), ramdisk.Start.Address);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ModuleOffset + 8), ramdisk.Size);
        }

        for (int index = 0; index < memoryMap.Count; index++)
        {
            Span<byte> entry = bytes.AsSpan(MemoryMapOffset + (index * MemoryMapEntrySize), MemoryMapEntrySize);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, memoryMap[index].Start.Address);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], memoryMap[index].Size);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], (uint)memoryMap[index].Type);
        }

        commandLine.CopyTo(bytes.AsSpan(commandLineOffset));
        return bytes;
    }
}
