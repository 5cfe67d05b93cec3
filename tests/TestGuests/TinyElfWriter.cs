using System.Buffers.Binary;

namespace Hospes.TestGuests;

/// <summary>Lays out an ELF file (System V ABI, chapters 4 and 5): header, program headers, note, section headers if wanted, then the segments.</summary>
internal sealed class TinyElfWriter(TinyKernelOptions options)
{
    private const int SegmentAlignment = 4096;
    private const uint TypeLoad = 1;
    private const uint TypeNote = 4;
    private const uint SectionTypeNote = 7;

    private int HeaderSize => options.Is64Bit ? 64 : 52;

    private int ProgramHeaderSize => options.Is64Bit ? 56 : 32;

    private int SectionHeaderSize => options.Is64Bit ? 64 : 40;

    public byte[] Write(ReadOnlySpan<byte> code)
    {
        var main = new TinySegment(options.LoadAddress, code.ToArray(), (ulong)code.Length + options.ZeroedBytes);
        TinySegment[] segments = [main, .. options.MoreSegments];
        byte[] note = options.Note == NotePlace.Missing ? [] : Note();
        bool hasSection = options.Note == NotePlace.Section;
        int programHeaders = segments.Length + (options.Note == NotePlace.Segment ? 1 : 0);
        int noteOffset = HeaderSize + (programHeaders * ProgramHeaderSize);
        int sectionsOffset = noteOffset + ((note.Length + 7) & ~7);
        int dataOffset = Align(sectionsOffset + (hasSection ? 2 * SectionHeaderSize : 0));

        byte[] file = new byte[dataOffset + segments.Sum(segment => Align(segment.Bytes.Length))];
        WriteHeader(file, programHeaders, hasSection ? sectionsOffset : 0);
        note.CopyTo(file, noteOffset);
        int offset = dataOffset;
        for (int index = 0; index < segments.Length; index++)
        {
            TinySegment segment = segments[index];
            segment.Bytes.CopyTo(file, offset);
            WriteProgramHeader(file, index, TypeLoad, offset, segment.Address, segment.Bytes.Length, segment.MemorySize ?? (ulong)segment.Bytes.Length);
            offset += Align(segment.Bytes.Length);
        }

        if (options.Note == NotePlace.Segment)
            WriteProgramHeader(file, segments.Length, TypeNote, noteOffset, 0, note.Length, (ulong)note.Length);
        if (hasSection)
            WriteNoteSection(file.AsSpan(sectionsOffset + SectionHeaderSize), noteOffset, note.Length);
        return file;
    }

    private static int Align(int value) => (value + SegmentAlignment - 1) & ~(SegmentAlignment - 1);

    private byte[] Note()
    {
        byte[] note = new byte[12 + 4 + options.NoteValueSize];
        BinaryPrimitives.WriteInt32LittleEndian(note, 4);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), options.NoteValueSize);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), options.NoteType);
        "Xen"u8.CopyTo(note.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(16), options.LoadAddress + options.EntryOffset);
        return note;
    }

    private void WriteHeader(Span<byte> file, int programHeaders, int sectionsOffset)
    {
        "\x7f\x45LF"u8.CopyTo(file);
        file[4] = (byte)(options.Is64Bit ? 2 : 1); // EI_CLASS
        file[5] = 1; // EI_DATA: little-endian
        file[6] = 1; // EI_VERSION
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 2); // e_type: ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], options.Machine ?? (ushort)(options.Is64Bit ? 62 : 3)); // e_machine
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1); // e_version
        WriteWord(file[24..], options.LoadAddress + options.EntryOffset); // e_entry
        WriteWord(file[(options.Is64Bit ? 32 : 28)..], (ulong)HeaderSize); // e_phoff
        WriteWord(file[(options.Is64Bit ? 40 : 32)..], (ulong)sectionsOffset); // e_shoff
        Span<byte> sizes = file[(options.Is64Bit ? 52 : 40)..];
        BinaryPrimitives.WriteUInt16LittleEndian(sizes, (ushort)HeaderSize); // e_ehsize
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[2..], (ushort)ProgramHeaderSize); // e_phentsize
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[4..], (ushort)programHeaders); // e_phnum
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[6..], (ushort)SectionHeaderSize); // e_shentsize
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[8..], (ushort)(sectionsOffset == 0 ? 0 : 2)); // e_shnum
    }

    private void WriteProgramHeader(Span<byte> file, int index, uint type, int offset, ulong address, int fileSize, ulong memorySize)
    {
        Span<byte> entry = file[(HeaderSize + (index * ProgramHeaderSize))..];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, type);
        int word = options.Is64Bit ? 8 : 4;
        int at = word; // p_flags stands between p_type and p_offset in ELF64, and before p_align in ELF32.
        foreach (ulong value in (ReadOnlySpan<ulong>)[(ulong)offset, address, address, (ulong)fileSize, memorySize])
        {
            WriteWord(entry[at..], value);
            at += word;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(entry[(options.Is64Bit ? 4 : 24)..], 7); // p_flags: rwx
        WriteWord(entry[(options.Is64Bit ? 48 : 28)..], 4); // p_align
    }

    private void WriteNoteSection(Span<byte> entry, int offset, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], SectionTypeNote);
        WriteWord(entry[(options.Is64Bit ? 24 : 16)..], (ulong)offset); // sh_offset
        WriteWord(entry[(options.Is64Bit ? 32 : 20)..], (ulong)size); // sh_size
        WriteWord(entry[(options.Is64Bit ? 48 : 32)..], 4); // sh_addralign
    }

    private void WriteWord(Span<byte> at, ulong value)
    {
        if (options.Is64Bit)
            BinaryPrimitives.WriteUInt64LittleEndian(at, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(at, checked((uint)value));
    }
}
