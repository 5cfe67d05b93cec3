using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Hardware breakpoints on code and data (Intel SDM volume 3, chapter 18), whether the guest's code is interpreted or compiled at once.</summary>
public sealed class BreakpointTests
{
    private const ulong Watched = LongModeGuest.Data + 0x120;
    private const ulong Log = LongModeGuest.Data + 0x2000;
    private const ulong Handler = 0x12000;

    public static TheoryData<int> CompileAfter => [int.MaxValue, 8, 0];

    private enum Kind
    {
        Execute,
        Write,
        Access = 3,
    }

    [Theory]
    [MemberData(nameof(CompileAfter))]
    public void A_watched_write_traps_behind_its_instruction_and_a_read_does_not(int compileAfter)
    {
        using LongModeGuest guest = New(compileAfter);
        Set(guest, 0, Watched, Kind.Write, 4);
        guest.Run(a =>
        {
            Label again = a.CreateLabel();
            a.mov(rbx, Watched);
            a.mov(ecx, 20); // hot in the middle of it
            a.Label(ref again);
            a.mov(eax, __dword_ptr[rbx]);
            a.mov(__dword_ptr[rbx - 4], eax);
            a.mov(__dword_ptr[rbx + 4], eax);
            a.mov(__byte_ptr[rbx + 3], cl);
            a.nop();
            a.dec(ecx);
            a.jne(again);
            a.@out(0xf4, al);
        });
        Hits(guest).Should().Be(20);
        ulong behind = guest.Ram.Read<ulong>(Log);
        guest.Ram.Read<byte>(behind).Should().Be(0x90, "the trap is one of the instruction behind");
        guest.Ram.Read<byte>(Watched + 3).Should().Be(1, "the write is done");
        guest.Ram.Read<ulong>(Log + 8).Should().Be(1, "DR6 says which");
    }

    [Theory]
    [MemberData(nameof(CompileAfter))]
    public void Every_way_to_touch_watched_data_is_seen(int compileAfter)
    {
        foreach ((string what, int hits, Action<Assembler> code) in Ways())
        {
            using LongModeGuest guest = New(compileAfter);
            Set(guest, 2, Watched, Kind.Access, 8);
            guest.Run(a =>
            {
                a.mov(rbx, Watched);
                a.mov(rdi, Watched - 16);
                a.mov(rsi, Watched);
                a.mov(r12, rsp);
                code(a);
                a.mov(rsp, r12);
                a.@out(0xf4, al);
            });
            Hits(guest).Should().Be((ulong)hits, what);
            if (hits != 0)
                guest.Ram.Read<ulong>(Log + 8).Should().Be(4, what);
        }
    }

    private static IEnumerable<(string What, int Hits, Action<Assembler> Code)> Ways()
    {
        yield return ("a read", 1, static a => a.mov(rax, __[rbx]));
        yield return ("a read over its beginning", 1, static a => a.mov(rax, __qword_ptr[rbx - 7]));
        yield return ("a read in front", 0, static a => a.mov(rax, __qword_ptr[rbx - 8]));
        yield return ("a read behind", 0, static a => a.mov(rax, __qword_ptr[rbx + 8]));
        yield return ("a read-modify-write", 1, static a => a.add(__dword_ptr[rbx + 4], 1));
        yield return ("a locked exchange", 1, static a => { a.@lock.cmpxchg(__[rbx], rcx); });
        yield return ("a vector load", 1, static a => a.movups(xmm0, __[rbx - 8]));
        yield return ("a vector store", 1, static a => a.movups(__[rbx + 4], xmm0));
        yield return ("x87", 1, static a => a.fld(__qword_ptr[rbx]));
        yield return ("a push", 1, static a => { a.lea(rsp, __[rbx + 8]); a.push(rax); });
        yield return ("a pop", 1, static a => { a.mov(rsp, rbx); a.pop(rax); });
        yield return ("a call", 1, static a =>
        {
            Label there = a.CreateLabel();
            a.lea(rsp, __[rbx + 8]);
            a.call(there);
            a.Label(ref there);
        });
        yield return ("a repeated string", 1, static a => { a.mov(ecx, 4); a.rep.stosq(); });
        yield return ("an address", 0, static a => a.lea(rax, __[rbx]));
        yield return ("a prefetch", 0, static a => a.prefetchnta(__byte_ptr[rbx]));
    }

    [Theory]
    [MemberData(nameof(CompileAfter))]
    public void A_breakpoint_on_code_comes_before_the_instruction_and_resuming_passes_it(int compileAfter)
    {
        using LongModeGuest guest = New(compileAfter);
        Set(guest, 1, 0x40100, Kind.Execute, 1);
        guest.Machine.Code(0x40100, 64, static a => { a.inc(r13); a.ret(); });
        guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, 20);
            a.Label(ref again);
            a.mov(rax, 0x40100);
            a.call(rax);
            a.dec(ecx);
            a.jne(again);
            a.@out(0xf4, al);
        });
        Hits(guest).Should().Be(20);
        guest.State.Registers[13].Should().Be(20, "each was executed after its breakpoint");
        guest.Ram.Read<ulong>(Log).Should().Be(0x40100);
        guest.Ram.Read<ulong>(Log + 8).Should().Be(2);
        (guest.Ram.Read<ulong>(Log + 16) & 0x10000).Should().NotBe(0, "RF in the saved flags is what passes it");
    }

    [Fact]
    public void Breakpoints_that_are_not_enabled_or_no_longer_are_do_nothing()
    {
        using LongModeGuest guest = New(0);
        Set(guest, 0, Watched, Kind.Access, 8);
        guest.Run(static a =>
        {
            a.mov(rbx, Watched);
            a.mov(rax, __[rbx]);
            a.mov(rax, 0x400);
            a.mov(dr7, rax);
            a.mov(rax, __[rbx]);
            a.mov(__[rbx], rax);
            a.@out(0xf4, al);
        });
        Hits(guest).Should().Be(1);
    }

    [Fact]
    public void An_instruction_that_faults_has_hit_nothing()
    {
        using LongModeGuest guest = New(int.MaxValue);
        Set(guest, 0, Watched, Kind.Access, 8);
        guest.Run(static a =>
        {
            a.mov(rsi, Watched);
            a.mov(rdi, 0x4000_0000);
            a.movsq(); // reads, then may not write
        });
        guest.Fault()!.Vector.Should().Be(14);
        Hits(guest).Should().Be(0);
    }

    [Fact]
    public void A_repeated_instruction_with_a_breakpoint_is_stopped_at_once_only()
    {
        using LongModeGuest guest = New(int.MaxValue);
        Set(guest, 3, LongModeGuest.CodeAt + 0x15, Kind.Execute, 1);
        guest.Run(static a =>
        {
            a.mov(edi, (int)LongModeGuest.Data); // 5 bytes
            a.mov(ecx, 3000); // 5
            a.mov(eax, 0); // 5
            a.mov(edx, 0); // 5
            a.nop();
            a.rep.stosb(); // at 0x15
            a.@out(0xf4, al);
        });
        Hits(guest).Should().Be(1);
        guest.State.Registers[7].Should().Be(LongModeGuest.Data + 3000);
    }

    [Fact]
    public void General_detect_stops_the_next_access_to_a_debug_register()
    {
        using LongModeGuest guest = New(8);
        guest.Run(static a =>
        {
            a.mov(rax, 0x2400);
            a.mov(dr7, rax);
            a.mov(rax, dr6);
            a.@out(0xf4, al);
        });
        Hits(guest).Should().Be(1, "the handler's own accesses find the bit cleared");
        (guest.Ram.Read<ulong>(Log + 8) & 0x2000).Should().Be(0x2000);
    }

    private static LongModeGuest New(int compileAfter)
    {
        LongModeGuest guest = new(new TranslatorOptions { CompileAfter = compileAfter });

        // Keeps the last trap's RIP, causes and flags, and counts in R15.
        guest.Handler(1, Handler, static a =>
        {
            a.push(rax);
            a.push(rdx);
            a.mov(rdx, Log);
            a.mov(rax, __[rsp + 16]);
            a.mov(__[rdx], rax);
            a.mov(rax, dr6);
            a.and(eax, 0x600f);
            a.mov(__[rdx + 8], rax);
            a.mov(rax, __[rsp + 32]);
            a.mov(__[rdx + 16], rax);
            a.mov(eax, 0);
            a.mov(dr6, rax);
            a.inc(r15);
            a.pop(rdx);
            a.pop(rax);
            a.iretq();
        }, ist: 1);
        return guest;
    }

    private static ulong Hits(LongModeGuest guest) => guest.State.Registers[15];

    private static void Set(LongModeGuest guest, int number, ulong address, Kind kind, int size)
    {
        int length = size switch { 1 => 0, 2 => 1, 8 => 2, _ => 3 };
        guest.State.DebugRegisters[number] = address;
        guest.State.DebugRegisters[7] = 0x400 | (1UL << (2 * number)) | ((ulong)kind << (16 + (4 * number))) | ((ulong)length << (18 + (4 * number)));
    }
}
