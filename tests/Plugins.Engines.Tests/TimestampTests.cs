using System.Diagnostics;
using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>RDTSC and RDTSCP where the counter is the host's clock, which emitted code reads by itself, and where it is not.</summary>
public sealed class TimestampTests
{
    private const long Ahead = 5_000_000_000_000; // so that both halves matter
    private const ulong TimeStampDisable = 1 << 2;
    private const ulong Data = 0x48000; // a user's too
    private const int GeneralProtection = 13;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_counter_is_the_hosts_clock_and_no_other_register_changes(bool user)
    {
        using LongModeGuest guest = new(timestampBase: Ahead);
        long before = Stopwatch.GetTimestamp();
        Run(guest, user, a =>
        {
            a.movq(xmm0, rbx);
            a.movq(xmm15, rbp);
            a.rdtsc();
            a.mov(__qword_ptr[rbx], rax);
            a.mov(__qword_ptr[rbx + 8], rdx);
            a.movq(rax, xmm0);
            a.movq(rdx, xmm15);
        });
        long after = Stopwatch.GetTimestamp();
        ulong low = guest.Ram.Read<ulong>(Data), high = guest.Ram.Read<ulong>(Data + 8);
        low.Should().BeLessThan(1UL << 32);
        ((long)(low | (high << 32)) - Ahead).Should().BeInRange(before, after);
        ulong[] expected = Registers();
        (expected[0], expected[2], expected[4]) = (expected[3], expected[5], guest.State.Registers[4]);
        guest.State.Registers.Should().Equal(expected);
        Handlers(guest).Should().BeEmpty();
    }

    [Fact]
    public void It_never_goes_back_whoever_reads_it()
    {
        using LongModeGuest guest = new(timestampBase: Ahead);
        Run(guest, user: false, a =>
        {
            Label again = a.CreateLabel(), fine = a.CreateLabel();
            a.xor(r8d, r8d); // the reading before
            a.xor(r9d, r9d); // times it went back
            a.mov(r10d, 2000);
            a.Label(ref again);
            foreach (bool isHandlers in (ReadOnlySpan<bool>)[false, true])
            {
                Label next = a.CreateLabel();
                if (isHandlers)
                {
                    a.mov(ecx, 0x10);
                    a.rdmsr();
                }
                else
                {
                    a.rdtsc();
                }

                a.shl(rdx, 32);
                a.or(rax, rdx);
                a.cmp(rax, r8);
                a.jae(next);
                a.inc(r9);
                a.Label(ref next);
                a.mov(r8, rax);
            }

            a.dec(r10d);
            a.jnz(again);
            a.jmp(fine);
            a.Label(ref fine);
            a.nop();
        });
        guest.State.Registers[9].Should().Be(0);
    }

    [Fact]
    public void It_goes_on_from_where_the_guest_sets_it_and_rdtscp_adds_the_cpus_number()
    {
        using LongModeGuest guest = new(timestampBase: Ahead);
        Run(guest, user: false, a =>
        {
            a.mov(ecx, 0x10);
            a.mov(eax, 7);
            a.mov(edx, 3);
            a.wrmsr();
            a.mov(ecx, unchecked((int)0xc000_0103));
            a.mov(eax, 0x1234);
            a.xor(edx, edx);
            a.wrmsr();
            a.cmp(edx, 1); // carry
            a.rdtscp();
            a.adc(rdx, 0x100);
        });
        guest.State.Registers[1].Should().Be(0x1234);
        (guest.State.Registers[2] - 0x101).Should().BeInRange(3, 3 + 60); // units of 4.3 s
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Programs_are_refused_it_when_the_kernel_says_so(bool clock)
    {
        using LongModeGuest guest = new(timestampBase: clock ? Ahead : null);
        guest.State.Cr4 |= TimeStampDisable;
        Run(guest, user: true, static a => a.rdtsc());
        guest.Fault()?.Vector.Should().Be(GeneralProtection);
        guest.Fault().Should().NotBeNull();
    }

    [Fact]
    public void Any_other_counter_is_asked_for_each_time()
    {
        using LongModeGuest guest = new();
        Run(guest, user: false, static a => a.rdtsc());
        guest.State.Registers[0].Should().Be(1000);
        Handlers(guest).Should().ContainSingle();
    }

    private static IEnumerable<string> Handlers(LongModeGuest guest) => guest.Machine.Machine.Statistics.Keys.Where(
        static key => key.StartsWith("handler/Rdtsc", StringComparison.Ordinal));

    private static ulong[] Registers() => [.. Enumerable.Range(0, 16).Select(static number => number == 3 ? Data : 0x1111_2222_0000_0000UL * (ulong)number + 77)];

    private static void Run(LongModeGuest guest, bool user, Action<Assembler> code)
    {
        ulong[] registers = Registers();
        for (int number = 0; number < registers.Length; number++)
        {
            if (number != 4)
                guest.State.Registers[number] = registers[number];
        }

        void Whole(Assembler a)
        {
            code(a);
            if (user)
                a.int3();
            else
                a.@out(0xf4, al);
        }

        if (user)
        {
            guest.Gate(3, LongModeGuest.Stubs + (3 * 16), dpl: 3);
            guest.RunUser(Whole);
        }
        else
        {
            guest.Run(Whole);
        }
    }
}
