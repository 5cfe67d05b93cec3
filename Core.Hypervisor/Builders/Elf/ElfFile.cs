using System.Buffers.Binary;
using Hospes.Hypervisor.Builders.Images;

namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>What of an ELF file a loader needs: program headers and notes (System V ABI, chapters 4 and 5; both widths, little-endian).</summary>
internal sealed record ElfFile
{
    // Longer note areas than any kernel has are refused rather than read.
    private const ulong MaximumNoteBytes = 1 << 20;
    private const uint SectionTypeNote = 7;
    private const ushort TypeExecutable = 2;
    private const ushort TypeShared = 3;

    /// <summary>ELF64 rather than ELF32.</summary>
    public required bool Is64Bit { get; init; }

    /// <summary><c>e_machine</c>.</summary>
    public required ushort Machine { get; init; }

    /// <summary>All program headers in the file's order.</summary>
    public required IReadOnlyList<ElfSegment> Segments { get; init; }

    /// <summary>All notes: of the note segments, or when there are none of the note sections.</summary>
    public required IReadOnlyList<ElfNote> Notes { get; init; }

    /// <summary>Whether a file with these first bytes is an ELF file.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith("\x7f\x45LF"u8);

    /// <summary>Parses the headers of an x86 executable and reads its notes.</summary>
    /// <exception cref="ImageFaultException">It is damaged, or an ELF file of another kind.</exception>
    public static ElfFile Parse(ImageContents contents)
    {
        byte[] header = contents.ReadStart(64);
        if (header.Length < 52)
            throw new ImageFaultException($"is truncated: an ELF file of {header.Length} bytes");
        if (header[4] is not (1 or 2))
            throw new ImageFaultException($"is a damaged ELF file: its class is {header[4]}");
        bool is64Bit = header[4] == 2;
        bool isBigEndian = header[5] == 2;
        ushort type = ReadUInt16(header, 16, isBigEndian);
        ushort machine = ReadUInt16(header, 18, isBigEndian);
        if (isBigEndian || machine is not (ElfMachine.I386 or ElfMachine.X86_64))
            throw new ImageFaultException($"is a {ElfMachine.Name(machine)} kernel{(isBigEndian ? ", big-endian" : "")}; this machine runs x86 guests");
        if (type is not (TypeExecutable or TypeShared))
            throw new ImageFaultException($"is an ELF {(type switch { 1 => "object file", 4 => "core dump", _ => $"file of type {type}" })}, not an executable");
        if (is64Bit && header.Length < 64)
            throw new ImageFaultException($"is truncated: an ELF file of {header.Length} bytes");

        List<ElfSegment> segments = ReadSegments(contents, header, is64Bit);
        if (segments.Exists(segment => segment.Type == ElfSegment.Interpreter))
            throw new ImageFaultException("is not a kernel: it is a program that runs under an operating system (it asks for a dynamic loader)");
        return new ElfFile
        {
            Is64Bit = is64Bit,
            Machine = machine,
            Segments = segments,
            Notes = ReadNotes(contents, header, is64Bit, segments),
        };
    }

    private static List<ElfSegment> ReadSegments(ImageContents contents, byte[] header, bool is64Bit)
    {
        byte[] table = ReadTable(
            contents,
            "program headers",
            is64Bit ? BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32)) : BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(28)),
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(is64Bit ? 54 : 42)),
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(is64Bit ? 56 : 44)),
            is64Bit ? 56 : 32,
            out int stride);
        List<ElfSegment> segments = [];
        for (int at = 0; at < table.Length; at += stride)
        {
            ElfSegment segment = ReadSegment(table.AsSpan(at, stride), is64Bit);
            segments.Add(segment);
            if (segment.Type is not (ElfSegment.Load or ElfSegment.Note))
                continue;
            if (segment.Offset > (ulong)contents.Length || segment.FileSize > (ulong)contents.Length - segment.Offset)
                throw new ImageFaultException($"is truncated: its segment {segments.Count - 1} of 0x{segment.FileSize:x} bytes at offset 0x{segment.Offset:x} "
                    + $"is not within its 0x{contents.Length:x} bytes");
        }

        return segments;
    }

    private static ElfSegment ReadSegment(ReadOnlySpan<byte> entry, bool is64Bit)
    {
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        return is64Bit
            ? new ElfSegment(
                type,
                Offset: BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                PhysicalAddress: BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]),
                FileSize: BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]),
                MemorySize: BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]),
                Alignment: BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]))
            : new ElfSegment(
                type,
                Offset: BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
                PhysicalAddress: BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]),
                FileSize: BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]),
                MemorySize: BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]),
                Alignment: BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]));
    }

    private static List<ElfNote> ReadNotes(ImageContents contents, byte[] header, bool is64Bit, List<ElfSegment> segments)
    {
        List<ElfNote> notes = [];
        foreach (ElfSegment segment in segments.Where(segment => segment.Type == ElfSegment.Note))
            notes.AddRange(ReadNoteArea(contents, segment.Offset, segment.FileSize, segment.Alignment));
        return notes.Exists(note => note.Owner == XenNote.Owner) ? notes : [.. notes, .. ReadNoteSections(contents, header, is64Bit)];
    }

    // Kernels linked without a note segment still carry note sections, unless the section table was stripped.
    private static List<ElfNote> ReadNoteSections(ImageContents contents, byte[] header, bool is64Bit)
    {
        ulong offset = is64Bit ? BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(40)) : BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(32));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(is64Bit ? 60 : 48));
        List<ElfNote> notes = [];
        if (offset == 0 || count == 0)
            return notes;
        byte[] table = ReadTable(
            contents,
            "section headers",
            offset,
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(is64Bit ? 58 : 46)),
            count,
            is64Bit ? 64 : 40,
            out int stride);
        for (int at = 0; at < table.Length; at += stride)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(at, stride);
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) != SectionTypeNote)
                continue;
            notes.AddRange(is64Bit
                ? ReadNoteArea(
                    contents,
                    BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]))
                : ReadNoteArea(
                    contents,
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[32..])));
        }

        return notes;
    }

    private static List<ElfNote> ReadNoteArea(ImageContents contents, ulong offset, ulong size, ulong alignment)
    {
        if (size > MaximumNoteBytes)
            throw new ImageFaultException($"is a damaged ELF file: a note area of 0x{size:x} bytes");
        if (offset > (ulong)contents.Length || size > (ulong)contents.Length - offset)
            throw new ImageFaultException($"is truncated: its notes at offset 0x{offset:x} are not within its 0x{contents.Length:x} bytes");
        byte[] area = new byte[size];
        contents.Read((long)offset, area);
        return ElfNoteReader.Read(area, alignment);
    }

    private static byte[] ReadTable(ImageContents contents, string what, ulong offset, int entrySize, int count, int minimumSize, out int stride)
    {
        stride = entrySize;
        if (count == 0)
            return [];
        if (entrySize < minimumSize)
            throw new ImageFaultException($"is a damaged ELF file: its {what} are {entrySize} bytes each");
        int length = entrySize * count;
        if (offset > (ulong)contents.Length || (ulong)length > (ulong)contents.Length - offset)
            throw new ImageFaultException($"is truncated: its {count} {what} at offset 0x{offset:x} are not within its 0x{contents.Length:x} bytes");
        byte[] table = new byte[length];
        contents.Read((long)offset, table);
        return table;
    }

    private static ushort ReadUInt16(byte[] header, int offset, bool isBigEndian) => isBigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(offset))
        : BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(offset));
}
