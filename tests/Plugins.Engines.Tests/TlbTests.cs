using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Pages that share places in the TLB's levels, and copies of entries that must go when their entry does.</summary>
public sealed class TlbTests : IDisposable
{
    // Same place in the first level and same set in the second, of which there are fewer ways.
    private const ulong First = 0x4000_0000;
    private const ulong Stride = 0x1000_0000;
    private const int Pages = 7;
    private const int Rounds = 300;
    private const ulong Frames = 0x20_0000;
    private const ulong OtherFrame = 0x30_0000;

    private readonly LongModeGuest _guest = new();

    public TlbTests()
    {
        for (ulong page = 0; page < Pages; page++)
            _guest.Tables.Map(First + (page * Stride), Frames + (page * 4096));
        _guest.Tables.Identity(0x10_0000, 0x14_0000);
        _guest.Tables.Identity(OtherFrame, OtherFrame + 0x2000);
    }

    public void Dispose() => _guest.Dispose();

    private ulong Word(ulong page) => _guest.Ram.Read<ulong>(Frames + (page * 4096) + 8);

    [Fact]
    public void Pages_that_share_a_place_keep_their_own_contents()
    {
        _guest.Run(static a => EveryPage(a));
        _guest.Fault().Should().BeNull();
        for (ulong page = 0; page < Pages; page++)
            Word(page).Should().Be(Rounds, "of page {0}", page);
    }

    [Fact]
    public void Two_hot_pages_that_share_a_place_of_the_first_level_are_found_in_the_second()
    {
        _guest.Tables.Map(First + 0x40_0000, OtherFrame);
        _guest.Run(static a =>
        {
            Label loop = a.CreateLabel();
            a.mov(rbx, First);
            a.mov(rdx, First + 0x40_0000);
            a.mov(ecx, Rounds);
            a.Label(ref loop);
            a.add(__qword_ptr[rbx + 8], 1);
            a.add(__qword_ptr[rdx + 8], 3);
            a.dec(ecx);
            a.jne(loop);
            a.@out(0xf4, al);
        });
        (Word(0), _guest.Ram.Read<ulong>(OtherFrame + 8)).Should().Be(((ulong)Rounds, 3UL * Rounds));
        _guest.Machine.Machine.Statistics["tlb-fills"].Should().BeLessThan(20);
    }

    [Fact]
    public void A_page_mapped_elsewhere_is_reached_there_once_it_was_invalidated_whichever_level_had_it()
    {
        ulong entry = _guest.Tables.Entry(First, 1);
        _guest.Run(a =>
        {
            EveryPage(a, stop: false);
            a.mov(rdx, entry);
            a.mov(__qword_ptr[rdx], (int)(OtherFrame | 3));
            a.mov(rbx, First);
            a.invlpg(__byte_ptr[rbx]);
            a.mov(__qword_ptr[rbx + 8], 77);
            a.@out(0xf4, al);
        });
        _guest.Fault().Should().BeNull();
        (Word(0), _guest.Ram.Read<ulong>(OtherFrame + 8)).Should().Be(((ulong)Rounds, 77UL));
    }

    [Fact]
    public void A_stack_mapped_elsewhere_is_left_once_it_was_invalidated()
    {
        ulong entry = _guest.Tables.Entry(First, 1);
        _guest.Run(a =>
        {
            a.mov(rsp, First + 0x800);
            a.mov(eax, 1);
            a.push(rax);
            a.mov(rdx, entry);
            a.mov(__qword_ptr[rdx], (int)(OtherFrame | 3));
            a.invlpg(__byte_ptr[rsp]);
            a.mov(eax, 2);
            a.push(rax);
            a.mov(__qword_ptr[rsp + 0x20], 3);
            a.@out(0xf4, al);
        });
        (_guest.Ram.Read<ulong>(Frames + 0x7f8), _guest.Ram.Read<ulong>(OtherFrame + 0x7f8), _guest.Ram.Read<ulong>(OtherFrame + 0x7f0), _guest.Ram.Read<ulong>(OtherFrame + 0x810))
            .Should().Be((1UL, 0UL, 2UL, 3UL));
    }

    [Fact]
    public void Stacks_on_several_pages_and_across_their_ends_keep_apart()
    {
        _guest.Tables.Map(First + 4096, OtherFrame);
        _guest.Run(static a =>
        {
            Label loop = a.CreateLabel();
            a.mov(ecx, Rounds);
            a.Label(ref loop);
            a.mov(rsp, First + 4096 + 16); // two pushes here, two on the page below
            a.push(rcx);
            a.push(rcx);
            a.push(rcx);
            a.push(rcx);
            a.add(__qword_ptr[rsp + 0x10], 1);
            a.add(__qword_ptr[rsp + 0x08], 5);
            a.mov(rsp, First + Stride + 0x100);
            a.push(rcx);
            a.pop(rax);
            a.dec(ecx);
            a.jne(loop);
            a.@out(0xf4, al);
        });
        _guest.Fault().Should().BeNull();
        _guest.State.Registers[0].Should().Be(1);
        (_guest.Ram.Read<ulong>(OtherFrame), _guest.Ram.Read<ulong>(OtherFrame + 8), _guest.Ram.Read<ulong>(Frames + 0xff8), _guest.Ram.Read<ulong>(Frames + 0xff0))
            .Should().Be((2UL, 1UL, 6UL, 1UL));
    }

    [Fact]
    public void A_stack_that_may_be_read_only_faults_at_the_first_push()
    {
        _guest.Tables.Map(First, Frames, PageTables.Present);
        _guest.Ram.Write(Frames + 0x800, 9UL);
        _guest.Handler(14, 0x18000, static a => a.@out(0xf4, al), ist: 1);
        _guest.Ram.Write(LongModeGuest.Task + 36, LongModeGuest.IstTop);
        _guest.State.Cr0 |= 1 << 16;
        _guest.Run(static a =>
        {
            a.mov(rsp, First + 0x800);
            a.mov(rax, __qword_ptr[rsp]);
            a.push(rax);
            a.ud2();
        });
        (_guest.State.Registers[0], _guest.State.Cr2, _guest.Ram.Read<ulong>(Frames + 0x7f8)).Should().Be((9UL, First + 0x7f8, 0UL));
    }

    // Adds one to a word of every page, so often.
    private static void EveryPage(Assembler a, bool stop = true)
    {
        Label loop = a.CreateLabel();
        Label page = a.CreateLabel();
        a.mov(ecx, Rounds);
        a.mov(rsi, Stride);
        a.Label(ref loop);
        a.mov(rbx, First);
        a.mov(edx, Pages);
        a.Label(ref page);
        a.add(__qword_ptr[rbx + 8], 1);
        a.add(rbx, rsi);
        a.dec(edx);
        a.jne(page);
        a.dec(ecx);
        a.jne(loop);
        if (stop)
            a.@out(0xf4, al);
    }
}
