using System.Buffers.Binary;
using System.Text;

namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>
/// Takes a note area apart: entries of namesz, descsz, type (4 bytes each), then name and description, each padded to the area's alignment
/// (System V ABI, chapter 5, "Note Section"). An entry that does not fit ends the area: kernels pad it with anything.
/// </summary>
internal static class ElfNoteReader
{
    private const int HeaderSize = 12;

    /// <summary>The notes of <paramref name="area"/>.</summary>
    /// <param name="area">The bytes of one segment or section.</param>
    /// <param name="alignment">Its alignment; 8 means 8, everything else 4.</param>
    public static List<ElfNote> Read(ReadOnlySpan<byte> area, ulong alignment)
    {
        long mask = alignment == 8 ? 7 : 3;
        List<ElfNote> notes = [];
        while (area.Length >= HeaderSize)
        {
            long nameSize = BinaryPrimitives.ReadUInt32LittleEndian(area);
            long descriptionSize = BinaryPrimitives.ReadUInt32LittleEndian(area[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(area[8..]);
            long description = (HeaderSize + nameSize + mask) & ~mask;
            if (description + descriptionSize > area.Length)
                break;
            string owner = Encoding.ASCII.GetString(area.Slice(HeaderSize, (int)nameSize)).TrimEnd('\0');
            notes.Add(new ElfNote(owner, type, area.Slice((int)description, (int)descriptionSize).ToArray()));
            area = area[(int)Math.Min((description + descriptionSize + mask) & ~mask, area.Length)..];
        }

        return notes;
    }
}
