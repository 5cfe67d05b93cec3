using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Code that another CPU changes.</summary>
public abstract partial class ParallelTests
{
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
