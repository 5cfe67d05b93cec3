using Hospes.Engines.Tests.Machines;
using Hospes.Sdk;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Translations and memory that go away.</summary>
public abstract partial class ParallelTests
{
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
}
