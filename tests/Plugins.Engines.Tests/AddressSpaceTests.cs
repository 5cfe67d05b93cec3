using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Process-context identifiers: what CR3 loads and INVPCID keep and forget (Intel SDM volume 3, section 4.10).</summary>
public sealed class AddressSpaceTests : IDisposable
{
    private const ulong Page = 0x60_0000;
    private const ulong TablePage = 0x61_0000;
    private const ulong Frame = 0x70000;
    private const ulong OtherFrame = 0x71000;
    private const ulong Descriptor = 0x72000;
    private const ulong ProcessContext = 1 << 17;
    private const ulong Keep = 1UL << 63;

    private readonly LongModeGuest _guest = new();
    private readonly ulong _entry;
    private readonly ulong _global;

    public AddressSpaceTests()
    {
        _guest.Tables.Map(Page, Frame);
        _entry = _guest.Tables.Entry(Page, 1);
        _guest.Tables.Map(TablePage, _entry & ~0xfffUL);
        _global = 0x100;
        _guest.State.Cr4 |= ProcessContext;
        _guest.Ram.Write(Frame, 1UL);
        _guest.Ram.Write(OtherFrame, 2UL);
    }

    public void Dispose() => _guest.Dispose();

    private ulong Root(ulong number) => _guest.Tables.Root | number;

    // Reads the page in space 1, makes its entry point elsewhere behind the processor's back, does something, goes to space 1 again and reads again.
    private (ulong Before, ulong After) Around(Action<Assembler> something, ulong again, ulong flags = PageTables.Present | PageTables.Writable)
    {
        _guest.Tables.Map(Page, Frame, flags);
        _guest.Run(a =>
        {
            a.mov(rax, Root(1));
            a.mov(cr3, rax);
            a.mov(rbx, Page);
            a.mov(rsi, __[rbx]);
            a.mov(rdx, TablePage + (_entry & 0xfff));
            a.mov(rax, OtherFrame | flags);
            a.mov(__[rdx], rax);
            something(a);
            a.mov(rax, again);
            a.mov(cr3, rax);
            a.mov(rdi, __[rbx]);
            a.@out(0xf4, al);
        });
        _guest.Fault().Should().BeNull();
        return (_guest.State.Registers[6], _guest.State.Registers[7]);
    }

    private static void LoadRoot(Assembler a, ulong root)
    {
        a.mov(rax, root);
        a.mov(cr3, rax);
    }

    private void Invalidate(Assembler a, int kind, ulong number, ulong linear)
    {
        a.mov(rcx, Descriptor);
        a.mov(rax, number);
        a.mov(__[rcx], rax);
        a.mov(rax, linear);
        a.mov(__[rcx + 8], rax);
        a.mov(rax, (ulong)kind);
        a.invpcid(rax, __xmmword_ptr[rcx]);
    }

    [Fact]
    public void A_space_that_is_left_and_entered_again_with_bit_63_uses_what_it_knew_in_user_code()
    {
        _guest.Tables.Map(Page, Frame, PageTables.Present | PageTables.User);
        _guest.Handler(0x80, 0x11000, a =>
        {
            a.mov(rdx, TablePage + (_entry & 0xfff));
            a.mov(rax, OtherFrame | PageTables.Present | PageTables.User);
            a.mov(__[rdx], rax);
            LoadRoot(a, Root(2));
            LoadRoot(a, Root(1) | Keep);
            a.iretq();
        }, dpl: 3);
        _guest.State.Cr3 = Root(1);
        _guest.RunUser(static a =>
        {
            a.mov(rbx, Page);
            a.mov(rsi, __[rbx]);
            a.@int(0x80);
            a.mov(rdi, __[rbx]);
            a.ud2();
        });
        (_guest.State.Registers[6], _guest.State.Registers[7]).Should().Be((1UL, 1UL));
    }

    [Fact]
    public void Without_bit_63_the_space_is_looked_up_again() => Around(a => LoadRoot(a, Root(2)), Root(1)).Should().Be((1UL, 2UL));

    [Fact]
    public void Another_space_knows_nothing_of_this_one() => Around(static _ => { }, Root(2) | Keep).Should().Be((1UL, 2UL));

    [Fact]
    public void Global_pages_stay_until_they_are_named()
    {
        const ulong flags = PageTables.Present | PageTables.Writable;
        Around(a => LoadRoot(a, Root(2)), Root(3), flags | _global).Should().Be((1UL, 1UL));
        Around(a => { Invalidate(a, 1, 1, 0); Invalidate(a, 3, 0, 0); }, Root(1), flags | _global).Should().Be((1UL, 1UL));
        Around(a => Invalidate(a, 2, 0, 0), Root(1) | Keep, flags | _global).Should().Be((1UL, 2UL));
        Around(static a => a.invlpg(__[rbx]), Root(1) | Keep, flags | _global).Should().Be((1UL, 2UL));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void INVPCID_forgets_what_it_names(int kind) => Around(a => Invalidate(a, kind, 1, Page), Root(1) | Keep).Should().Be((1UL, 2UL));

    [Fact]
    public void Eight_spaces_in_turn_are_never_mixed_up()
    {
        ulong[] roots = new ulong[8];
        for (int space = 0; space < roots.Length; space++)
        {
            // A table of its own at the top for each space, its page behind it.
            ulong top = 0x80000 + ((ulong)space * 0x5000);
            for (ulong level = 0; level < 4; level++)
                _guest.Ram.Bytes(top + (level * 0x1000), 0x1000).Clear();
            _guest.Ram.Bytes(_guest.Tables.Root, 0x1000).CopyTo(_guest.Ram.Bytes(top, 0x1000));
            ulong linear = 0x80_0000_0000UL;
            _guest.Ram.Write(top + ((linear >> 39 & 0x1ff) * 8), (top + 0x1000) | 7);
            _guest.Ram.Write(top + 0x1000, (top + 0x2000) | 7);
            _guest.Ram.Write(top + 0x2000, (top + 0x3000) | 7);
            _guest.Ram.Write(top + 0x3000, (top + 0x4000) | 7);
            _guest.Ram.Write(top + 0x4000, (ulong)(100 + space));
            roots[space] = top | ((ulong)space + 1) | Keep;
        }

        _guest.Run(a =>
        {
            a.xor(r9d, r9d);
            a.mov(rbx, 0x80_0000_0000UL);
            a.mov(r8d, 3);
            Label again = a.CreateLabel();
            a.Label(ref again);
            foreach (ulong root in roots)
            {
                LoadRoot(a, root);
                a.imul(r9, r9, 3);
                a.add(r9, __[rbx]);
            }

            a.dec(r8d);
            a.jnz(again);
            a.@out(0xf4, al);
        });
        ulong expected = 0;
        for (int round = 0; round < 3; round++)
        {
            for (ulong space = 0; space < 8; space++)
                expected = (expected * 3) + 100 + space;
        }

        _guest.Fault().Should().BeNull();
        _guest.State.Registers[9].Should().Be(expected);
    }

    [Theory]
    [InlineData(4, 1ul, 0ul)]
    [InlineData(0, 0x1000ul, 0ul)]
    [InlineData(0, 1ul, 0x8000_0000_0000ul)]
    public void INVPCID_refuses_what_is_nonsense(int kind, ulong number, ulong linear)
    {
        _guest.Run(a => Invalidate(a, kind, number, linear));
        _guest.Fault()!.Vector.Should().Be(13);
    }

    [Fact]
    public void Numbers_are_for_long_mode_with_a_plain_root_only()
    {
        _guest.State.Cr4 &= ~ProcessContext;
        _guest.State.Cr3 = Root(5);
        _guest.Run(static a => { a.mov(rax, cr4); a.or(rax, (int)ProcessContext); a.mov(cr4, rax); });
        _guest.Fault()!.Vector.Should().Be(13);
    }
}
