using System.Buffers.Binary;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Dumps;

/// <summary>
/// A guest's memory and vCPUs as a core file: ELF64, notes for the vCPUs and segments for memory, at the addresses that the first vCPU's page tables
/// give it and, what these leave out, at its guest-physical address. gdb and crash open it. Pages of zeroes are holes in the file.
/// </summary>
/// <remarks>
/// Layout (elf(5)): header; program headers, the notes' first; notes; at the next page the memory, each frame once, in ascending order. Several segments may
/// show the same frame.
/// </remarks>
public static class CoreDump
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int Load = 1;
    private const int Note = 4;
    private const int ReadWriteExecute = 7;
    private const int MostSegments = 32768; // below PN_XNUM, with room for what has no virtual address
    private const ulong FrameBytes = GuestMemory.FrameSize;

    // By this crash knows a core with notes of vCPUs; segments with an alignment it takes for one of another kind, and ends at what that does not have.
    private const ulong NoAlignment = 0;

    /// <summary>Writes a domain's core.</summary>
    /// <param name="domain">The domain. Its vCPUs are held while their state is taken, and for the whole time unless it is to go on.</param>
    /// <param name="core">Where to; must be able to seek and be empty.</param>
    /// <param name="isLive">The guest goes on meanwhile, so that its memory is not of one moment.</param>
    /// <returns>Bytes of guest memory in the core.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static long Write(Domain domain, FileStream core, bool isLive)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(core);
        domain.Pause();
        bool isPaused = true;
        try
        {
            CpuState[] cpus = Array.ConvertAll(domain.Vcpus, static vcpu =>
            {
                CpuState state = new();
                vcpu.Cpu.Capture(state);
                return state;
            });
            if (isLive)
            {
                domain.Unpause();
                isPaused = false;
            }

            return Write(domain.Memory, cpus, core);
        }
        finally
        {
            if (isPaused)
                domain.Unpause();
        }
    }

    internal static long Write(GuestMemory memory, IReadOnlyList<CpuState> cpus, FileStream core)
    {
        List<FrameRun> runs = FrameRun.All(memory);
        List<(MappedRange Range, ulong FileFrame)> segments = Segments(runs, PageTableWalk.Read(memory, cpus[0], MostSegments));
        byte[] notes = CoreNotes.Make(cpus);
        ulong notesAt = HeaderSize + ((ulong)(segments.Count + 1) * ProgramHeaderSize);
        ulong memoryAt = (notesAt + (ulong)notes.Length + FrameBytes - 1) & ~(FrameBytes - 1);
        using (BinaryWriter writer = new(core, System.Text.Encoding.ASCII, leaveOpen: true))
        {
            WriteHeader(writer, segments.Count + 1);
            WriteProgramHeader(writer, Note, 0, notesAt, 0, 0, (ulong)notes.Length, 4);
            foreach ((MappedRange range, ulong fileFrame) in segments)
                WriteProgramHeader(writer, Load, ReadWriteExecute, memoryAt + (fileFrame * FrameBytes) + (range.Physical % FrameBytes), range.Virtual, range.Physical, range.Length, NoAlignment);
            writer.Write(notes);
        }

        return WriteMemory(memory, runs, core, (long)memoryAt);
    }

    /// <summary>The ranges cut to what there is memory behind; then the frames that none of them shows, at their guest-physical address.</summary>
    private static List<(MappedRange Range, ulong FileFrame)> Segments(List<FrameRun> runs, List<MappedRange> mapped)
    {
        List<(MappedRange, ulong)> segments = [];
        List<(ulong First, ulong End)> shown = [];
        foreach (MappedRange range in mapped)
        {
            foreach (FrameRun run in Within(runs, range.Physical / FrameBytes, (range.Physical + range.Length) / FrameBytes))
            {
                segments.Add((new MappedRange(range.Virtual + (run.First * FrameBytes) - range.Physical, run.First * FrameBytes, run.Count * FrameBytes), run.FileFrame));
                shown.Add((run.First, run.End));
            }

            if (segments.Count >= MostSegments)
                break;
        }

        shown.Sort();
        ulong next = 0;
        foreach ((ulong first, ulong end) in shown.Append((ulong.MaxValue, ulong.MaxValue)))
        {
            if (first > next)
                segments.AddRange(Within(runs, next, first).Select(static run => (new MappedRange(run.First * FrameBytes, run.First * FrameBytes, run.Count * FrameBytes), run.FileFrame)));
            next = Math.Max(next, end);
        }

        return segments.Count > ushort.MaxValue - 2 ? segments[..(ushort.MaxValue - 2)] : segments;
    }

    private static IEnumerable<FrameRun> Within(List<FrameRun> runs, ulong first, ulong end)
    {
        // The runs are in order: the first that reaches beyond the beginning.
        int low = 0;
        for (int high = runs.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (runs[middle].End <= first)
                low = middle + 1;
            else
                high = middle;
        }

        for (; low < runs.Count && runs[low].First < end; low++)
        {
            FrameRun run = runs[low];
            ulong from = Math.Max(first, run.First);
            yield return new FrameRun(from, Math.Min(end, run.End) - from, run.FileFrame + from - run.First);
        }
    }

    private static long WriteMemory(GuestMemory memory, List<FrameRun> runs, FileStream core, long at)
    {
        byte[] frame = new byte[GuestMemory.FrameSize];
        long bytes = 0;
        foreach (FrameRun run in runs)
        {
            for (ulong number = run.First; number < run.End; number++, bytes += GuestMemory.FrameSize)
            {
                // A frame that has gone meanwhile stays a hole.
                if (!memory.TryCopyFrame(new GuestFrame(number), frame) || !frame.AsSpan().ContainsAnyExcept((byte)0))
                    continue;
                core.Position = at + bytes;
                core.Write(frame);
            }
        }

        core.Flush();
        if (core.Length < at + bytes)
            core.SetLength(at + bytes);
        return bytes;
    }

    private static void WriteHeader(BinaryWriter writer, int programHeaders)
    {
        writer.Write((byte[])[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        writer.Write((ushort)4); // ET_CORE
        writer.Write((ushort)62); // EM_X86_64
        writer.Write(1);
        writer.Write(0UL); // no entry
        writer.Write((ulong)HeaderSize);
        writer.Write(0UL); // no sections
        writer.Write(0);
        writer.Write((ushort)HeaderSize);
        writer.Write((ushort)ProgramHeaderSize);
        writer.Write((ushort)programHeaders);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
    }

    private static void WriteProgramHeader(BinaryWriter writer, int type, int flags, ulong at, ulong address, ulong physical, ulong length, ulong alignment)
    {
        writer.Write(type);
        writer.Write(flags);
        writer.Write(at);
        writer.Write(address);
        writer.Write(physical);
        writer.Write(length);
        writer.Write(length);
        writer.Write(alignment);
    }
}
