using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Hospes.Sdk;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>
/// Several CPUs over one memory: LOCKed operations, memory order (Intel SDM volume 3, sections 9.1 and 9.2), code changed by another CPU (9.1.3),
/// translations and memory taken away while others use them.
/// </summary>
public abstract class ParallelTests : IDisposable
{
    private const ulong Shared = ParallelGuest.Data;
    private const ulong Flag = ParallelGuest.Data + 0x1000;
    private const ulong Answer = ParallelGuest.Data + 0x2000;
    private const ulong Other = ParallelGuest.Data + 0x10000;
    private const ulong Window = 0x7000_0000;

    private readonly TranslatorOptions _options;
    private readonly ParallelGuest _guest;

    /// <param name="compileAfter">As <see cref="TranslatorOptions.CompileAfter"/>.</param>
    protected ParallelTests(int compileAfter)
    {
        _options = new TranslatorOptions { CompileAfter = compileAfter };
        _guest = new ParallelGuest(cpus: 2, _options);
    }

    public void Dispose()
    {
        _guest.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_spin_lock_guards_what_is_not_atomic()
    {
        const int Rounds = 50_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label taken = a.CreateLabel();
            Label spin = a.CreateLabel();
            a.mov(rbx, Shared);
            a.mov(ecx, Rounds);
            a.Label(ref again);
            a.mov(eax, 1);
            a.xchg(__dword_ptr[rbx], eax);
            a.test(eax, eax);
            a.je(taken);
            a.Label(ref spin);
            a.pause();
            a.cmp(__dword_ptr[rbx], 0);
            a.jne(spin);
            a.jmp(again);
            a.Label(ref taken);
            a.inc(__qword_ptr[rbx + 8]);
            a.mov(rdx, __qword_ptr[rbx + 64]);
            a.add(rdx, 3);
            a.mov(__qword_ptr[rbx + 64], rdx);
            a.mov(__dword_ptr[rbx], 0);
            a.dec(ecx);
            a.jne(again);
            a.@out(0xf4, al);
        });
        guest.Ram.Read<ulong>(Shared + 8).Should().Be(4 * Rounds);
        guest.Ram.Read<ulong>(Shared + 64).Should().Be(4 * 3 * Rounds);
    }

    [Fact]
    public void Locked_operations_of_every_size_lose_nothing()
    {
        const int Rounds = 20_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label exchange = a.CreateLabel();
            Label wide = a.CreateLabel();
            Label taken = a.CreateLabel();
            a.mov(r9, Shared);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.@lock.inc(__byte_ptr[r9]);
            a.@lock.add(__word_ptr[r9 + 2], 3);
            a.@lock.sub(__dword_ptr[r9 + 4], 5);
            a.mov(r10d, 7);
            a.@lock.xadd(__qword_ptr[r9 + 8], r10);
            a.mov(rax, __qword_ptr[r9 + 16]);
            a.Label(ref exchange);
            a.lea(r11, __[rax + 11]);
            a.@lock.cmpxchg(__qword_ptr[r9 + 16], r11);
            a.jne(exchange);
            a.@lock.add(__qword_ptr[r9 + 61], 13); // over the end of a cache line
            a.mov(eax, __dword_ptr[r9 + 128]);
            a.mov(edx, __dword_ptr[r9 + 132]);
            a.Label(ref wide);
            a.mov(ebx, eax);
            a.mov(ecx, edx);
            a.add(ebx, 1);
            a.adc(ecx, 1);
            a.@lock.cmpxchg8b(__qword_ptr[r9 + 128]);
            a.jne(wide);
            a.Label(ref taken); // a lock of bits
            a.@lock.bts(__qword_ptr[r9 + 192], 17);
            a.jb(taken);
            a.inc(__qword_ptr[r9 + 200]);
            a.@lock.btr(__qword_ptr[r9 + 192], 17);
            a.dec(r8d);
            a.jne(again);
            a.@out(0xf4, al);
        });
        const ulong Total = 4 * Rounds;
        guest.Ram.Read<byte>(Shared).Should().Be(unchecked((byte)Total));
        guest.Ram.Read<ushort>(Shared + 2).Should().Be(unchecked((ushort)(3 * Total)));
        guest.Ram.Read<uint>(Shared + 4).Should().Be(unchecked((uint)-(long)(5 * Total)));
        guest.Ram.Read<ulong>(Shared + 8).Should().Be(7 * Total);
        guest.Ram.Read<ulong>(Shared + 16).Should().Be(11 * Total);
        guest.Ram.Read<ulong>(Shared + 61).Should().Be(13 * Total);
        guest.Ram.Read<ulong>(Shared + 128).Should().Be((Total << 32) + Total);
        guest.Ram.Read<ulong>(Shared + 200).Should().Be(Total);
    }

    [Fact]
    public void Locked_operations_across_pages_lose_nothing_against_each_other()
    {
        const int Rounds = 20_000;
        _guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            a.mov(r9, Shared + 0xffd);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.@lock.add(__qword_ptr[r9], 0x10001);
            a.dec(r8d);
            a.jne(again);
            a.@out(0xf4, al);
        });
        _guest.Ram.Read<ulong>(Shared + 0xffd).Should().Be(2UL * Rounds * 0x10001);
    }

    [Fact]
    public void CMPXCHG16B_is_never_seen_half_done()
    {
        // Two writers keep (n, ~n); a reader takes both halves with one aligned 16-byte load; a fourth CPU counts in a third pair by XADD of one half
        // while the writers count in its other half.
        const int Rounds = 200_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Ram.Write(Shared + 8, ulong.MaxValue);
        Action<Assembler> writer = static a =>
        {
            Label again = a.CreateLabel();
            Label retry = a.CreateLabel();
            Label count = a.CreateLabel();
            a.mov(r9, Shared);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.mov(rax, __qword_ptr[r9]);
            a.mov(rdx, __qword_ptr[r9 + 8]);
            a.Label(ref retry);
            a.lea(rbx, __[rax + 1]);
            a.mov(rcx, rbx);
            a.not(rcx);
            a.@lock.cmpxchg16b(__xmmword_ptr[r9]);
            a.jne(retry);
            a.mov(rax, __qword_ptr[r9 + 64]);
            a.mov(rdx, __qword_ptr[r9 + 72]);
            a.Label(ref count);
            a.mov(rbx, rax);
            a.lea(rcx, __[rdx + 1]);
            a.@lock.cmpxchg16b(__xmmword_ptr[r9 + 64]);
            a.jne(count);
            a.dec(r8d);
            a.jne(again);
            a.@lock.inc(__dword_ptr[r9 + 128]);
            a.mov(eax, 1);
            a.@out(0xf4, al);
        };
        uint[] answers = guest.Run(
            writer,
            writer,
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(r9, Shared);
                a.xor(r10d, r10d);
                a.Label(ref again);
                a.movdqa(xmm0, __xmmword_ptr[r9]);
                a.movq(rax, xmm0);
                a.psrldq(xmm0, 8);
                a.movq(rdx, xmm0);
                a.not(rdx);
                a.cmp(rax, rdx);
                a.jne(end);
                a.cmp(__dword_ptr[r9 + 128], 2);
                a.jne(again);
                a.mov(r10d, 1);
                a.Label(ref end);
                a.mov(eax, r10d);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                a.mov(r9, Shared);
                a.mov(r8d, Rounds);
                a.Label(ref again);
                a.mov(eax, 1);
                a.@lock.xadd(__qword_ptr[r9 + 64], rax);
                a.dec(r8d);
                a.jne(again);
                a.mov(eax, 1);
                a.@out(0xf4, al);
            });
        answers.Should().AllBeEquivalentTo(1u, "a reader that sees a torn pair answers 0");
        guest.Ram.Read<ulong>(Shared).Should().Be(2 * Rounds);
        guest.Ram.Read<ulong>(Shared + 64).Should().Be(Rounds);
        guest.Ram.Read<ulong>(Shared + 72).Should().Be(2 * Rounds);
    }

    [Fact]
    public void What_was_stored_first_is_seen_first()
    {
        const int Rounds = 3_000_000;
        uint[] answers = _guest.Run(
            static a =>
            {
                Label again = a.CreateLabel();
                a.mov(rbx, Shared);
                a.mov(rcx, Flag);
                a.xor(eax, eax);
                a.Label(ref again);
                a.inc(eax);
                a.mov(__dword_ptr[rbx], eax);
                a.mov(__dword_ptr[rcx], eax);
                a.cmp(eax, Rounds);
                a.jne(again);
                a.mov(eax, 1);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(rbx, Shared);
                a.mov(rcx, Flag);
                a.xor(r8d, r8d);
                a.Label(ref again);
                a.mov(edx, __dword_ptr[rcx]);
                a.mov(eax, __dword_ptr[rbx]);
                a.cmp(eax, edx);
                a.jb(end);
                a.cmp(edx, Rounds);
                a.jne(again);
                a.mov(r8d, 1);
                a.Label(ref end);
                a.mov(eax, r8d);
                a.@out(0xf4, al);
            });
        answers.Should().Equal(1u, 1u);
    }

    [Theory]
    [InlineData("mfence")]
    [InlineData("xchg")]
    [InlineData("lock or")]
    public void A_fence_lets_no_load_pass_a_store(string fence)
    {
        // Both CPUs store the round's number to their word and load the other's: one at least must see the other's store. Who ends counts to the last
        // number there is, so that nobody waits for him.
        const int Rounds = 20_000;
        const ulong Ended = Answer;
        Action<Assembler> Side(int mine, int others) => a =>
        {
            Label again = a.CreateLabel();
            Label meet = a.CreateLabel();
            Label end = a.CreateLabel();
            a.mov(rbx, Shared);
            a.mov(rsi, Flag);
            a.mov(r11, ParallelGuest.Stop);
            a.mov(r10, Other + ((ulong)mine * 0x80000));
            a.xor(r8d, r8d);
            a.Label(ref again);
            a.inc(r8d);
            a.mov(__dword_ptr[rsi + (mine * 64)], r8d);
            a.Label(ref meet);
            a.mov(eax, __dword_ptr[rsi + (others * 64)]);
            a.cmp(eax, -1);
            a.je(end);
            a.cmp(eax, r8d);
            a.jb(meet);
            switch (fence)
            {
                case "mfence":
                    a.mov(__dword_ptr[rbx + (mine * 64)], r8d);
                    a.mfence();
                    break;
                case "xchg":
                    a.mov(eax, r8d);
                    a.xchg(__dword_ptr[rbx + (mine * 64)], eax);
                    break;
                default:
                    a.mov(__dword_ptr[rbx + (mine * 64)], r8d);
                    a.@lock.or(__dword_ptr[rsp - 64], 0);
                    break;
            }

            a.mov(eax, __dword_ptr[rbx + (others * 64)]);
            a.mov(__dword_ptr[r10 + (r8 * 4)], eax);
            a.mov(rax, Ended + ((ulong)mine * 64));
            a.mov(__dword_ptr[rax], r8d);
            a.cmp(__dword_ptr[r11], 0);
            a.jne(end);
            a.cmp(r8d, Rounds);
            a.jne(again);
            a.Label(ref end);
            a.mov(__dword_ptr[rsi + (mine * 64)], -1);
            a.@out(0xf4, al);
        };
        _guest.Run(Side(0, 1), Side(1, 0));
        uint rounds = Math.Min(_guest.Ram.Read<uint>(Ended), _guest.Ram.Read<uint>(Ended + 64));
        rounds.Should().BePositive();
        for (uint round = 1; round <= rounds; round++)
        {
            bool first = _guest.Ram.Read<uint>(Other + (round * 4)) >= round;
            bool second = _guest.Ram.Read<uint>(Other + 0x80000 + (round * 4)) >= round;
            (first || second).Should().BeTrue($"both loads of round {round} passed the stores before them");
        }
    }

    [Theory]
    [InlineData("store")]
    [InlineData("locked")]
    [InlineData("string")]
    [InlineData("alias")]
    public void Code_changed_by_another_cpu_is_seen_after_the_word_is_given(string how)
    {
        // The routine at Other is MOV EAX, n; RET. One CPU executes it all the time, so that its old bytes are always decoded when the other changes n
        // and gives the word; after that, and a serialising instruction, n must be the new one.
        const int Rounds = 20_000;
        _guest.Ram.Bytes(Other, 8).Clear();
        _guest.Ram.Write(Other, (byte)0xb8);
        _guest.Ram.Write(Other + 5, (byte)0xc3);
        _guest.Tables.Map(Window, Other);
        uint[] answers = _guest.Run(
            a =>
            {
                Label again = a.CreateLabel();
                Label wait = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(r12, ParallelGuest.Stop);
                a.mov(rbx, how == "alias" ? Window : Other);
                a.mov(r9, Flag);
                a.mov(r10, Answer);
                a.xor(r8d, r8d);
                a.cld();
                a.Label(ref again);
                a.inc(r8d);
                switch (how)
                {
                    case "locked":
                        a.mov(eax, r8d);
                        a.xchg(__dword_ptr[rbx + 1], eax);
                        break;
                    case "string":
                        a.mov(__dword_ptr[rsp - 64], r8d);
                        a.lea(rsi, __[rsp - 64]);
                        a.lea(rdi, __[rbx + 1]);
                        a.mov(ecx, 4);
                        a.rep.movsb();
                        break;
                    default:
                        // Twice: the second store may go straight to the page when the first has taken its code out.
                        a.mov(__dword_ptr[rbx + 1], 0);
                        a.mov(__dword_ptr[rbx + 1], r8d);
                        break;
                }

                a.mov(__dword_ptr[r9], r8d);
                a.Label(ref wait);
                a.cmp(__dword_ptr[r10], r8d);
                a.jne(wait);
                a.cmp(__dword_ptr[r12], 0);
                a.jne(end);
                a.cmp(r8d, Rounds);
                a.jne(again);
                a.Label(ref end);
                a.mov(__dword_ptr[r9], -1);
                a.mov(eax, 1);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                Label busy = a.CreateLabel();
                Label wrong = a.CreateLabel();
                Label same = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(rsi, Other);
                a.mov(r9, Flag);
                a.mov(r10, Answer);
                a.xor(r8d, r8d);
                a.xor(r11d, r11d);
                a.Label(ref again);
                a.inc(r8d);
                a.Label(ref busy);
                a.call(rsi);
                a.mov(eax, __dword_ptr[r9]);
                a.cmp(eax, -1);
                a.je(end);
                a.cmp(eax, r8d);
                a.jne(busy);
                a.xor(eax, eax);
                a.cpuid();
                a.call(rsi);
                a.cmp(eax, r8d);
                a.je(same);
                a.inc(r11d);
                a.Label(ref same);
                a.mov(__dword_ptr[r10], r8d);
                a.jmp(again);
                a.Label(ref end);
                a.test(r11d, r11d);
                a.jne(wrong);
                a.mov(eax, 1);
                a.@out(0xf4, al);
                a.Label(ref wrong);
                a.xor(eax, eax);
                a.@out(0xf4, al);
            });
        answers[1].Should().Be(1, "code older than the word was executed");
        _guest.Ram.Read<uint>(Answer).Should().BePositive();
    }

    [Fact]
    public void A_translation_shot_down_by_interrupt_is_used_no_more()
    {
        // CPU 0 moves the window from one frame to the next, interrupts CPU 1, which forgets the page and says so, and then spoils the old frame.
        const int Rounds = 3_000;
        const ulong Second = Other + 0x1000;
        _guest.Tables.Map(Window, Other);
        ulong entry = _guest.Tables.Entry(Window, 1);
        _guest.Base.Handler(ParallelHost.Vector, 0x6_0000, static a =>
        {
            a.push(rax);
            a.mov(rax, Window);
            a.invlpg(__[rax]);
            a.mov(rax, Answer);
            a.@lock.inc(__dword_ptr[rax]);
            a.pop(rax);
            a.iretq();
        });
        uint[] answers = _guest.Run(
            a =>
            {
                Label again = a.CreateLabel();
                Label wait = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(rsi, entry);
                a.mov(r9, Answer);
                a.mov(r10, Other);
                a.mov(r11, Second);
                a.xor(r8d, r8d);
                a.Label(ref again);
                a.inc(r8d);
                a.mov(__dword_ptr[r11], 0);
                a.mov(rax, __qword_ptr[rsi]);
                a.and(eax, 0xfff);
                a.or(rax, r11);
                a.mov(__qword_ptr[rsi], rax);
                a.mov(eax, 1);
                a.@out(unchecked((byte)ParallelHost.InterruptPort), al);
                a.Label(ref wait);
                a.cmp(__dword_ptr[r9], r8d);
                a.jne(wait);
                a.mov(__dword_ptr[r10], 0xbad);
                a.xchg(r10, r11);
                a.mov(rax, ParallelGuest.Stop);
                a.cmp(__dword_ptr[rax], 0);
                a.jne(end);
                a.cmp(r8d, Rounds);
                a.jne(again);
                a.Label(ref end);
                a.mov(rax, Flag);
                a.mov(__dword_ptr[rax], 1);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(rbx, Window);
                a.mov(rcx, Flag);
                a.xor(r8d, r8d);
                a.sti();
                a.Label(ref again);
                a.cmp(__dword_ptr[rbx], 0xbad);
                a.je(end);
                a.cmp(__dword_ptr[rcx], 0);
                a.je(again);
                a.mov(r8d, 1);
                a.Label(ref end);
                a.mov(eax, r8d);
                a.@out(0xf4, al);
            });
        answers[1].Should().Be(1, "memory behind a forgotten translation was read");
    }

    [Fact]
    public void A_halted_cpu_is_woken_by_the_other()
    {
        // The answer counts interrupts of both, and an odd count is CPU 1's turn: each sleeps until it is its turn, and then interrupts the other.
        const int Rounds = 500;
        _guest.Base.Handler(ParallelHost.Vector, 0x6_0000, static a =>
        {
            a.push(rax);
            a.mov(rax, Answer);
            a.@lock.inc(__dword_ptr[rax]);
            a.pop(rax);
            a.iretq();
        });
        Action<Assembler> Side(int me) => a =>
        {
            Label again = a.CreateLabel();
            Label sleep = a.CreateLabel();
            Label awake = a.CreateLabel();
            a.mov(rbx, Answer);
            a.mov(r8d, me);
            a.Label(ref again);
            a.cli();
            a.cmp(__dword_ptr[rbx], r8d);
            a.jae(awake);
            a.Label(ref sleep);
            a.sti();
            a.hlt();
            a.jmp(again);
            a.Label(ref awake);
            a.sti();
            a.mov(eax, 1 - me);
            a.@out(unchecked((byte)ParallelHost.InterruptPort), al);
            a.add(r8d, 2);
            a.cmp(r8d, 2 * Rounds);
            a.jb(again);
            a.@out(0xf4, al);
        };
        _guest.Run(Side(0), Side(1));
        _guest.Ram.Read<uint>(Answer).Should().BeInRange((2 * Rounds) - 1, 2 * Rounds, "the last interrupt may find its CPU at the end");
    }

    [Fact]
    public void Memory_that_was_taken_away_is_written_no_more_once_the_machine_has_been_told()
    {
        // CPU 1 writes through the window without a pause; CPU 0's hypercalls put another frame behind it and then look at the one before.
        const int Rounds = 3_000;
        const ulong Shown = 0x700; // a frame whose memory is that of one of the two
        ulong[] sources = [Other >> 12, (Other >> 12) + 1];
        int round = 0;
        var wrong = 0;
        _guest.Ram.Remap(Shown, sources[0]);
        _guest.Tables.Map(Window, Shown << 12);
        _guest.Hosts[0].OnHypercall = () =>
        {
            ulong before = sources[round & 1];
            round++;
            _guest.Ram.Remap(Shown, sources[round & 1]);
            _guest.Machine.MappingChanged(new GuestFrame(Shown), 1);
            _guest.Ram.Write(before << 12, 0x5eed_5eedu);
            Thread.Yield();
            if (_guest.Ram.Read<uint>(before << 12) != 0x5eed_5eed)
                wrong++;
        };
        _guest.Run(
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(r12d, Rounds);
                a.mov(r13, ParallelGuest.Stop);
                a.Label(ref again);
                a.vmcall();
                a.cmp(__dword_ptr[r13], 0);
                a.jne(end);
                a.dec(r12d);
                a.jne(again);
                a.Label(ref end);
                a.mov(rax, Flag);
                a.mov(__dword_ptr[rax], 1);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                a.mov(rbx, Window);
                a.mov(rcx, Flag);
                a.Label(ref again);
                a.@lock.inc(__dword_ptr[rbx]);
                a.mov(__dword_ptr[rbx], 7);
                a.cmp(__dword_ptr[rcx], 0);
                a.je(again);
                a.@out(0xf4, al);
            });
        wrong.Should().Be(0);
        round.Should().BePositive();
    }

    [Fact]
    public void Two_cpus_that_each_change_what_the_other_executes_do_not_wait_for_ever()
    {
        const int Rounds = 50_000;
        Action<Assembler> Side(ulong mine, ulong others) => a =>
        {
            Label again = a.CreateLabel();
            a.mov(rsi, mine);
            a.mov(rdi, others);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.call(rsi);
            a.mov(__dword_ptr[rdi + 1], r8d);
            a.@lock.inc(__dword_ptr[rdi + 64]);
            a.dec(r8d);
            a.jne(again);
            a.@out(0xf4, al);
        };
        foreach (ulong routine in (ReadOnlySpan<ulong>)[Other, Other + 0x1000])
        {
            _guest.Ram.Write(routine, (byte)0xb8);
            _guest.Ram.Write(routine + 5, (byte)0xc3);
        }

        _guest.Run(Side(Other, Other + 0x1000), Side(Other + 0x1000, Other));
        _guest.Ram.Read<uint>(Other + 64).Should().Be(Rounds);
        _guest.Ram.Read<uint>(Other + 0x1064).Should().Be(0);
        _guest.Ram.Read<uint>(Other + 0x1040).Should().Be(Rounds);
    }
}
