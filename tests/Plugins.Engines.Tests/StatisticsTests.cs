using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>What a machine says it has counted.</summary>
public sealed class StatisticsTests
{
    private const int Rounds = 50;

    [Fact]
    public void Emitted_codes_exits_are_counted_by_cause_and_instruction_over_all_cpus()
    {
        using var guest = new ParallelGuest(cpus: 2, new TranslatorOptions { CompileAfter = 0 });
        guest.Run(Loop);
        IReadOnlyDictionary<string, long> counters = guest.Machine.Statistics;
        counters["handler/Cpuid"].Should().Be(2 * Rounds);
        counters["exit/handler"].Should().BeGreaterThanOrEqualTo(2 * Rounds);
        counters.Keys.Should().Contain(["exit/memory", "exit/group", "exit/direct", "exit/indirect", "exit/poll", "code-flushes", "blocks-flushes"]);
        counters["exit/handler"].Should().BeLessThanOrEqualTo(counters.Where(static pair => pair.Key.StartsWith("handler/", StringComparison.Ordinal)).Sum(static pair => pair.Value));
        counters["tlb-fills"].Should().BeInRange(2, counters["exit/memory"] + counters["exit/group"]);
        counters["page-walks"].Should().BeGreaterThan(counters["tlb-fills"]);
        counters["blocks-decoded"].Should().BeGreaterThanOrEqualTo(counters["blocks-compiled"]);
        counters["blocks-compiled"].Should().BePositive();
        counters["code-used"].Should().BeInRange(1, counters["code-reserved"]);
        counters.Values.Should().OnlyContain(static value => value >= 0);
    }

    [Fact]
    public void Look_ups_are_counted_where_that_is_asked_for()
    {
        const ulong Far = 0x40_0000;
        const int Passes = 100, Pages = 100;
        using var guest = new LongModeGuest(new TranslatorOptions { CompileAfter = 0, CountLookUps = true });
        guest.Tables.Identity(Far, Far + (Pages * 4096));
        guest.Run(a =>
        {
            Label pass = a.CreateLabel(), next = a.CreateLabel();
            a.mov(edx, Passes);
            a.Label(ref pass);
            a.mov(rbx, Far);
            a.mov(ecx, Pages);
            a.Label(ref next);
            a.push(rcx);
            a.add(__qword_ptr[rbx], rcx);
            a.pop(rcx);
            a.add(rbx, 4096);
            a.dec(ecx);
            a.jne(next);
            a.dec(edx);
            a.jne(pass);
            a.@out(0xf4, al);
        });
        guest.Fault().Should().BeNull();
        IReadOnlyDictionary<string, long> counters = guest.Machine.Machine.Statistics;
        const int Accesses = Passes * Pages;
        counters["recent-page-lookups"].Should().BeInRange(Accesses, 2 * Accesses + 10, "a pop's page is its push's");
        counters["recent-page-hits"].Should().BeInRange(counters["recent-page-lookups"] - 10, counters["recent-page-lookups"]);
        counters["tlb-lookups"].Should().BeInRange(Accesses, Accesses + 10);
        (counters["tlb-lookups"] - counters["tlb-hits"]).Should().BeInRange(Pages, Pages + 10, "each page is new once");
        counters["second-level-tlb-hits"].Should().BeLessThan(10);
    }

    [Fact]
    public void Counters_but_amounts_only_grow_and_may_be_read_while_the_guest_runs()
    {
        using var guest = new ParallelGuest(cpus: 2, new TranslatorOptions { CompileAfter = 2 });
        IReadOnlyDictionary<string, long> before = guest.Machine.Statistics;
        using var stop = new CancellationTokenSource();
        Task<int> reader = Task.Run(() =>
        {
            int looks = 0;
            do
            {
                IReadOnlyDictionary<string, long> now = guest.Machine.Statistics;
                foreach ((string name, long value) in before)
                {
                    if (!name.EndsWith("-used", StringComparison.Ordinal))
                        now[name].Should().BeGreaterThanOrEqualTo(value, name);
                }

                before = now;
                looks++;
            }
            while (!stop.IsCancellationRequested);

            return looks;
        });
        guest.Run(Loop);
        stop.Cancel();
        reader.GetAwaiter().GetResult().Should().BePositive();
        guest.Machine.Statistics["blocks-decoded"].Should().BePositive();
    }

    [Fact]
    public void An_interpreter_has_no_emitted_code_to_speak_of()
    {
        using var guest = new ParallelGuest(cpus: 1, new TranslatorOptions { CompileAfter = int.MaxValue });
        guest.Run(Loop);
        guest.Machine.Statistics.Keys.Should().BeEquivalentTo("blocks-decoded", "blocks-flushes", "page-walks", "instructions-interpreted");
        guest.Machine.Statistics["instructions-interpreted"].Should().BeGreaterThan(Rounds * 4);
    }

    private static void Loop(Assembler a)
    {
        a.mov(r15d, Rounds);
        a.mov(r14, ParallelGuest.Data);
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.xor(eax, eax);
        a.cpuid();
        a.mov(__[r14], rbx);
        a.dec(r15d);
        a.jnz(again);
        a.@out(0xf4, al);
    }
}
