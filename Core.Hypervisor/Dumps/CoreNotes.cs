using System.Buffers.Binary;
using System.Text;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Dumps;

/// <summary>
/// The vCPUs in the notes of a core file: for each, general registers as Linux writes them for a thread (elf(5), struct elf_prstatus of x86-64), the
/// x87 and SSE state, and control registers in the form that <c>crash</c> knows from QEMU's dumps, by which it finds where a kernel was put.
/// </summary>
internal static class CoreNotes
{
    private const int ProcessStatus = 1; // NT_PRSTATUS
    private const int FloatingPoint = 2; // NT_FPREGSET
    private const int StatusSize = 336;
    private const int PidOffset = 32;
    private const int RegistersOffset = 112;
    private const int LegacyArea = 512;
    private const int QemuSize = 440;
    private const uint FsBase = 0xc000_0100;
    private const uint GsBase = 0xc000_0101;
    private const uint KernelGsBase = 0xc000_0102;

    // Where each register of struct user_regs_struct stands in CpuState.Registers: r15 to rdi; orig_rax is none.
    private static readonly int[] Order = [15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7];

    /// <summary>All notes, one vCPU after the other.</summary>
    public static byte[] Make(IReadOnlyList<CpuState> cpus)
    {
        using MemoryStream notes = new();
        for (int number = 0; number < cpus.Count; number++)
        {
            Append(notes, "CORE", ProcessStatus, Status(cpus[number], number));
            Append(notes, "CORE", FloatingPoint, cpus[number].ExtendedState.AsSpan(0, LegacyArea));
        }

        foreach (CpuState cpu in cpus)
            Append(notes, "QEMU", 0, Qemu(cpu));
        return notes.ToArray();
    }

    private static byte[] Status(CpuState cpu, int number)
    {
        byte[] status = new byte[StatusSize];
        BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(PidOffset), number + 1);
        Span<byte> registers = status.AsSpan(RegistersOffset);
        for (int index = 0; index < Order.Length; index++)
            Put(registers, index, cpu.Registers[Order[index]]);
        Put(registers, 15, ulong.MaxValue);
        Put(registers, 16, cpu.Rip);
        Put(registers, 17, Selector(cpu, 1));
        Put(registers, 18, cpu.Rflags);
        Put(registers, 19, cpu.Registers[4]);
        Put(registers, 20, Selector(cpu, 2));
        Put(registers, 21, cpu.Msrs.GetValueOrDefault(FsBase, cpu.Segments[4].Base));
        Put(registers, 22, cpu.Msrs.GetValueOrDefault(GsBase, cpu.Segments[5].Base));
        foreach ((int index, int segment) in ((int, int)[])[(23, 3), (24, 0), (25, 4), (26, 5)])
            Put(registers, index, Selector(cpu, segment));
        return status;
    }

    // version, size; rax rbx rcx rdx rsi rdi rsp rbp r8-r15 rip rflags; cs ds es fs gs ss ldt tr gdt idt; cr0-cr4; kernel_gs_base.
    private static byte[] Qemu(CpuState cpu)
    {
        byte[] note = new byte[QemuSize];
        BinaryPrimitives.WriteInt32LittleEndian(note, 1);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), QemuSize);
        int position = 1;
        foreach (int register in (int[])[0, 3, 1, 2, 6, 7, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15])
            Put(note, position++, cpu.Registers[register]);
        Put(note, position++, cpu.Rip);
        Put(note, position++, cpu.Rflags);
        foreach (int segment in (int[])[1, 3, 0, 4, 5, 2])
            position = PutSegment(note, position, cpu.Segments[segment]);
        position = PutSegment(note, position, cpu.Ldtr);
        position = PutSegment(note, position, cpu.Tr);
        position = PutSegment(note, position, new SegmentState(0, cpu.GdtrBase, cpu.GdtrLimit, 0));
        position = PutSegment(note, position, new SegmentState(0, cpu.IdtrBase, cpu.IdtrLimit, 0));
        foreach (ulong control in (ulong[])[cpu.Cr0, 0, cpu.Cr2, cpu.Cr3, cpu.Cr4, cpu.Msrs.GetValueOrDefault(KernelGsBase)])
            Put(note, position++, control);
        return note;
    }

    private static int PutSegment(Span<byte> note, int position, SegmentState segment)
    {
        Put(note, position, segment.Selector | ((ulong)segment.Limit << 32));
        Put(note, position + 1, (ulong)segment.Attributes << 8);
        Put(note, position + 2, segment.Base);
        return position + 3;
    }

    private static ulong Selector(CpuState cpu, int segment) => cpu.Segments[segment].Selector;

    private static void Put(Span<byte> values, int index, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(values[(index * sizeof(ulong))..], value);

    // Elf64_Nhdr: sizes and type, the name with its zero, the description; each padded to four bytes.
    private static void Append(MemoryStream notes, string name, int type, ReadOnlySpan<byte> description)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], description.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], type);
        notes.Write(header);
        notes.Write(Encoding.ASCII.GetBytes(name));
        notes.Write(new byte[4 - (name.Length % 4)]);
        notes.Write(description);
    }
}
