using System.Globalization;
using System.Text;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Bench.Guests;

/// <summary>
/// A guest program that sleeps for a millisecond again and again and notes how late it wakes: the same bytes on both sides, too small to need a
/// compiler. It says "probe: begins", then one number of nanoseconds per line, then "probe: ends".
/// </summary>
internal static class WakeProbe
{
    public const string Begins = "probe: begins";
    public const string Ends = "probe: ends";

    /// <summary>How many sleeps it takes.</summary>
    public const int Sleeps = 4000;

    // Linux x86-64 system calls (unistd_64.h) and their constants.
    private const int SysWrite = 1;
    private const int SysExit = 60;
    private const int SysClockGetTime = 228;
    private const int SysClockNanosleep = 230;
    private const int ClockMonotonic = 1;
    private const int AbsoluteTime = 1;

    private const ulong Base = 0x400000;
    private const int HeaderSize = 64 + 56;
    private const long Data = 0x600000;
    private const int Deadline = 0;
    private const int Woken = 16;
    private const int TextEnd = 64;
    private const int Results = 128;
    private const int Interval = 1_000_000;
    private const int Second = 1_000_000_000;

    /// <summary>The program as an ELF file.</summary>
    public static byte[] Program()
    {
        Assembler code = new(64);
        Say(code, Begins);
        code.mov(rbx, Data);
        code.xor(r12d, r12d);
        Label sleep = code.CreateLabel();
        code.Label(ref sleep);
        Time(code, Deadline);
        Label inSecond = code.CreateLabel();
        code.add(__qword_ptr[rbx + (Deadline + 8)], Interval);
        code.cmp(__qword_ptr[rbx + (Deadline + 8)], Second);
        code.jb(inSecond);
        code.sub(__qword_ptr[rbx + (Deadline + 8)], Second);
        code.inc(__qword_ptr[rbx + Deadline]);
        code.Label(ref inSecond);
        code.mov(eax, SysClockNanosleep);
        code.mov(edi, ClockMonotonic);
        code.mov(esi, AbsoluteTime);
        code.lea(rdx, __[rbx + Deadline]);
        code.xor(r10d, r10d);
        code.syscall();
        Time(code, Woken);
        code.mov(rax, __qword_ptr[rbx + Woken]);
        code.sub(rax, __qword_ptr[rbx + Deadline]);
        code.imul(rax, rax, Second);
        code.add(rax, __qword_ptr[rbx + (Woken + 8)]);
        code.sub(rax, __qword_ptr[rbx + (Deadline + 8)]);
        code.mov(__qword_ptr[rbx + r12 * 8 + Results], rax);
        code.inc(r12);
        code.cmp(r12, Sleeps);
        code.jb(sleep);
        Print(code);
        Say(code, Ends);
        code.mov(eax, SysExit);
        code.xor(edi, edi);
        code.syscall();
        using MemoryStream stream = new();
        code.Assemble(new StreamCodeWriter(stream), Base + HeaderSize);
        return [.. Header((int)stream.Length), .. stream.ToArray()];
    }

    /// <summary>The numbers in what the guest wrote, ascending.</summary>
    public static long[] Read(string console)
    {
        int from = console.IndexOf(Begins, StringComparison.Ordinal) + Begins.Length;
        int to = console.IndexOf(Ends, StringComparison.Ordinal);
        return
        [
            .. console[from..to].Split('\n', StringSplitOptions.TrimEntries)
                .Where(static line => long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(static line => long.Parse(line, CultureInfo.InvariantCulture)).Order(),
        ];
    }

    private static void Time(Assembler code, int at)
    {
        code.mov(eax, SysClockGetTime);
        code.mov(edi, ClockMonotonic);
        code.lea(rsi, __[rbx + at]);
        code.syscall();
    }

    // On the stack, the last eight characters first.
    private static void Say(Assembler code, string line)
    {
        byte[] text = Encoding.ASCII.GetBytes($"{line}\n".PadRight(24, '\0'));
        for (int at = text.Length - 8; at >= 0; at -= 8)
        {
            code.mov(rax, BitConverter.ToInt64(text, at));
            code.push(rax);
        }

        code.mov(eax, SysWrite);
        code.mov(edi, 1);
        code.mov(rsi, rsp);
        code.mov(edx, line.Length + 1);
        code.syscall();
        code.add(rsp, text.Length);
    }

    private static void Print(Assembler code)
    {
        Label number = code.CreateLabel();
        Label digit = code.CreateLabel();
        code.xor(r12d, r12d);
        code.Label(ref number);
        code.mov(rax, __qword_ptr[rbx + r12 * 8 + Results]);
        code.lea(rsi, __[rbx + TextEnd]);
        code.mov(__byte_ptr[rsi], (byte)'\n');
        code.mov(ecx, 10);
        code.Label(ref digit);
        code.xor(edx, edx);
        code.div(rcx);
        code.add(dl, (sbyte)'0');
        code.dec(rsi);
        code.mov(__byte_ptr[rsi], dl);
        code.test(rax, rax);
        code.jnz(digit);
        code.lea(rdx, __[rbx + (TextEnd + 1)]);
        code.sub(rdx, rsi);
        code.mov(eax, SysWrite);
        code.mov(edi, 1);
        code.syscall();
        code.inc(r12);
        code.cmp(r12, Sleeps);
        code.jb(number);
    }

    // ELF-64 header and one loadable segment for the code; the data lies behind it in the same segment, zero from the start (elf(5)).
    private static byte[] Header(int codeLength)
    {
        byte[] header = new byte[HeaderSize];
        using BinaryWriter writer = new(new MemoryStream(header));
        writer.Write("\u007fELF"u8);
        writer.Write([2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // 64 bits, little-endian, version 1
        writer.Write((ushort)2); // e_type: executable
        writer.Write((ushort)62); // e_machine: x86-64
        writer.Write(1); // e_version
        writer.Write(Base + HeaderSize); // e_entry
        writer.Write(64L); // e_phoff
        writer.Write(0L); // e_shoff
        writer.Write(0); // e_flags
        writer.Write([64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]); // e_ehsize, e_phentsize, e_phnum, none of sections
        writer.Write(1); // p_type: load
        writer.Write(7); // p_flags: all
        writer.Write(0L); // p_offset
        writer.Write(Base); // p_vaddr
        writer.Write(Base); // p_paddr
        writer.Write((long)(HeaderSize + codeLength)); // p_filesz
        writer.Write(Data - (long)Base + Results + (Sleeps * 8)); // p_memsz
        writer.Write(0x1000L); // p_align
        return header;
    }
}
