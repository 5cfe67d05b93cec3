using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>More code than the cache of emitted code can hold: it is emptied again and again while the code runs.</summary>
public sealed class CodeCacheTests
{
    private const int Parts = 3000;
    private const ulong Program = ParallelGuest.Data + 0x10_0000;
    private const ulong Sums = ParallelGuest.Data;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Code_that_all_parts_call_is_never_found_where_it_was_before(int cpus)
    {
        using var guest = new ParallelGuest(cpus, new TranslatorOptions { CompileAfter = 0, CodeBytes = 1 });
        guest.Base.Machine.Code(Program, 64, WriteProgram);
        guest.Run(static a =>
        {
            a.mov(rbx, Sums);
            a.shl(rdi, 8);
            a.add(rbx, rdi);
            a.mov(r12d, 3);
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.mov(rax, Program);
            a.call(rax);
            a.dec(r12d);
            a.jnz(again);
            a.@out(0xf4, al);
        });
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            ulong own = Sums + ((ulong)cpu << 8);
            (guest.Ram.Read<ulong>(own), guest.Ram.Read<ulong>(own + 8)).Should().Be((3UL * Parts, 3UL * Parts * 7));
        }

        guest.Machine.Code!.Flushes.Should().BeGreaterThan(2);
        guest.Machine.Code.Used.Should().BeLessThanOrEqualTo(guest.Machine.Code.Reserved);
    }

    // Parts of more than a page in all, each of which calls what they have in common.
    private static void WriteProgram(Assembler a)
    {
        Label common = a.CreateLabel();
        for (int part = 0; part < Parts; part++)
        {
            a.call(common);
            a.add(__qword_ptr[rbx + 8], 7);
            for (int filler = 0; filler < 4; filler++)
                a.add(__qword_ptr[rbx + 16 + (8 * filler)], part);
        }

        a.ret();
        a.Label(ref common);
        a.inc(__qword_ptr[rbx]);
        a.ret();
    }
}
