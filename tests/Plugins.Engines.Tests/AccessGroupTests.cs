using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Accesses whose addresses differ by a constant are looked up together: nothing of that may be seen by the guest.</summary>
public sealed class AccessGroupTests
{
    private const ulong Page = 0x60_0000;
    private const ulong Frame = 0x70000;
    private const ulong NextFrame = 0x90000;
    private const ulong P = PageTables.Present;
    private const ulong W = PageTables.Writable;

    // Interpreted, compiled at once, compiled after a while.
    public static TheoryData<int> Engines => new() { int.MaxValue, 0, 3 };

    private static LongModeGuest Guest(int compileAfter) => new(new TranslatorOptions { CompileAfter = compileAfter });

    [Theory]
    [MemberData(nameof(Engines))]
    public void Fields_on_both_sides_of_a_page_end_are_all_reached(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame);
        guest.Tables.Map(Page + 0x1000, NextFrame);
        guest.Ram.Write(Frame + 0xff0, 100UL);
        guest.Ram.Write(NextFrame, 1000UL);
        guest.Run(static a =>
        {
            a.mov(rbx, Page + 0xff0);
            a.mov(ecx, 40);
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.mov(rax, __[rbx]);
            a.add(rax, __[rbx + 16]);
            a.mov(__[rbx + 8], rax);
            a.adc(__qword_ptr[rbx + 24], 3);
            a.inc(__qword_ptr[rbx + 16]);
            a.dec(ecx);
            a.jnz(again);
            a.@out(0xf4, al);
        });
        guest.Fault().Should().BeNull();
        guest.Ram.Read<ulong>(NextFrame).Should().Be(1040);
        guest.Ram.Read<ulong>(NextFrame + 8).Should().Be(120);
        guest.Ram.Read<ulong>(Frame + 0xff8).Should().Be(1139);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_fault_in_the_middle_leaves_what_came_before_it(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame, P);
        guest.Ram.Write(Frame, 7UL);
        guest.Run(static a =>
        {
            a.mov(rbx, Page);
            a.mov(rax, __[rbx]);
            a.mov(ecx, 5);
            a.mov(__[rbx + 8], rax);
            a.mov(ecx, 6);
        });
        (guest.Fault()!.Error, guest.Fault()!.Cr2).Should().Be((3u, Page + 8));
        (guest.State.Registers[0], guest.State.Registers[1]).Should().Be((7UL, 5UL));
        guest.Ram.Read<ulong>(Frame + 8).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void What_a_branch_skips_neither_faults_nor_shows(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame, P);
        guest.Tables.Map(Page + 0x1000, NextFrame, 0);
        guest.Run(static a =>
        {
            a.mov(eax, 0x1234);
            a.mov(cr2, rax);
            a.mov(rbx, Page + 0xff8);
            a.mov(edx, 20);
            Label again = a.CreateLabel(), skip = a.CreateLabel();
            a.Label(ref again);
            a.mov(rax, __[rbx]);
            a.test(rax, rax);
            a.jz(skip);
            a.mov(rcx, __[rbx + 8]);
            a.mov(__[rbx], rcx);
            a.Label(ref skip);
            a.dec(edx);
            a.jnz(again);
            a.mov(rax, cr2);
            a.@out(0xf4, al);
        });
        guest.Fault().Should().BeNull();
        guest.State.Registers[0].Should().Be(0x1234);
        (guest.Tables.Read(guest.Tables.Entry(Page, 1)) & PageTables.Dirty).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Alignment_counts_for_those_that_need_it(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame, P | W);
        guest.Ram.Write(Frame + 0x18, 9UL);
        guest.Run(static a =>
        {
            a.mov(rbx, Page + 8);
            a.mov(rax, __[rbx + 16]);
            a.movaps(xmm0, __[rbx + 8]);
            a.mov(ecx, 1);
            a.movaps(xmm1, __[rbx + 24]);
            a.mov(ecx, 2);
            a.movaps(__[rbx + 32], xmm1);
            a.mov(ecx, 3);
        });
        guest.Fault()!.Vector.Should().Be(13);
        (guest.State.Registers[0], guest.State.Registers[1]).Should().Be((9UL, 2UL));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Pushes_and_pops_across_a_page_end_balance(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame);
        guest.Tables.Map(Page + 0x1000, NextFrame);
        guest.Run(static a =>
        {
            a.mov(rsp, Page + 0x1010);
            a.mov(r15, 30UL);
            Label again = a.CreateLabel(), called = a.CreateLabel();
            a.Label(ref again);
            a.call(called);
            a.dec(r15);
            a.jnz(again);
            a.mov(rax, rsp);
            a.@out(0xf4, al);
            a.Label(ref called);
            a.push(rbp);
            a.mov(rbp, rsp);
            a.push(r15);
            a.push(r10);
            a.push(11);
            a.add(r14, __[rbp - 24]);
            a.add(rsp, 8);
            a.pop(r10);
            a.pop(r15);
            a.leave();
            a.ret();
        });
        guest.Fault().Should().BeNull();
        (guest.State.Registers[0], guest.State.Registers[14]).Should().Be((Page + 0x1010, 330UL));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_mapping_that_changes_in_between_is_looked_up_again(int compileAfter)
    {
        using LongModeGuest guest = Guest(compileAfter);
        guest.Tables.Map(Page, Frame);
        ulong entry = guest.Tables.Entry(Page, 1);
        guest.Tables.Map(Page + 0x1000, entry & ~0xfffUL);
        guest.Ram.Write(Frame, 1UL);
        guest.Ram.Write(NextFrame + 8, 2UL);
        guest.Run(a =>
        {
            a.mov(rbx, Page);
            a.mov(rsi, Page + 0x1000 + (entry & 0xfff));
            a.mov(rax, __[rbx]);
            a.mov(rdx, NextFrame | P | W);
            a.mov(__[rsi], rdx);
            a.invlpg(__[rbx]);
            a.mov(rcx, __[rbx + 8]);
            a.mov(__[rbx + 16], rcx);
            a.@out(0xf4, al);
        });
        (guest.State.Registers[0], guest.State.Registers[1]).Should().Be((1UL, 2UL));
        guest.Ram.Read<ulong>(NextFrame + 16).Should().Be(2);
        guest.Ram.Read<ulong>(Frame + 16).Should().Be(0);
    }
}
