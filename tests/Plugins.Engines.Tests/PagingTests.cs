using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Four-level paging: rights, error codes, accessed and dirty bits, what is cached and forgotten (Intel SDM volume 3, chapter 4).</summary>
public sealed class PagingTests : IDisposable
{
    private const ulong Page = 0x60_0000;
    private const ulong Frame = 0x70000;
    private const ulong P = PageTables.Present;
    private const ulong W = PageTables.Writable;
    private const ulong U = PageTables.User;
    private const ulong Smep = 1 << 20;
    private const ulong Smap = 1 << 21;

    private readonly LongModeGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    private static void Read(Assembler a)
    {
        a.mov(rbx, Page);
        a.mov(eax, __[rbx]);
        a.@out(0xf4, al);
    }

    private static void Write(Assembler a)
    {
        a.mov(rbx, Page);
        a.mov(__dword_ptr[rbx], 0x55);
        a.@out(0xf4, al);
    }

    private static void Execute(Assembler a)
    {
        a.mov(rbx, Page);
        a.jmp(rbx);
    }

    private static Action<Assembler> Access(string kind) => kind switch { "read" => Read, "write" => Write, _ => Execute };

    [Theory]
    [InlineData("read", false, P, 0ul, null)]
    [InlineData("read", false, 0ul, 0ul, 0u)]
    [InlineData("write", false, 0ul, 0ul, 2u)]
    [InlineData("write", false, P, 0ul, 3u)]
    [InlineData("write", false, P | W, 0ul, null)]
    [InlineData("execute", false, P | PageTables.NoExecute, 0ul, 0x11u)]
    [InlineData("execute", false, 0ul, 0ul, 0x10u)]
    [InlineData("execute", false, P, 0ul, null)]
    [InlineData("execute", false, P | U, Smep, 0x11u)]
    [InlineData("execute", false, P | U, 0ul, null)]
    [InlineData("read", false, P | U, Smap, 1u)]
    [InlineData("write", false, P | U | W, Smap, 3u)]
    [InlineData("execute", false, P | U, Smap, null)]
    [InlineData("read", true, P, 0ul, 5u)]
    [InlineData("read", true, 0ul, 0ul, 4u)]
    [InlineData("read", true, P | U, Smap, null)]
    [InlineData("write", true, P | U, 0ul, 7u)]
    [InlineData("write", true, P | U | W, 0ul, null)]
    [InlineData("execute", true, P | U, Smep, null)]
    [InlineData("execute", true, P | U | PageTables.NoExecute, 0ul, 0x15u)]
    [InlineData("read", false, P | (1UL << 45), 0ul, 9u)]
    [InlineData("write", true, P | W | U | (1UL << 51), 0ul, 0xfu)]
    public void Rights_decide_and_the_error_code_says_what_was_wrong(string kind, bool user, ulong flags, ulong cr4, uint? error)
    {
        _guest.Tables.Map(Page, Frame, flags);
        _guest.Machine.Code(Frame, 64, static a => a.@out(0xf4, al));
        _guest.State.Cr4 |= cr4;
        _guest.State.Rflags = 0x3002;
        if (user)
            _guest.RunUser(Access(kind));
        else
            _guest.Run(Access(kind));

        FaultReport? fault = _guest.Fault();
        (fault?.Error).Should().Be(error);
        if (fault is not null)
            (fault.Vector, fault.Cr2).Should().Be((14, Page));
    }

    [Fact]
    public void Without_write_protection_the_supervisor_writes_read_only_pages()
    {
        _guest.Tables.Map(Page, Frame, P);
        _guest.State.Cr0 &= ~0x1_0000UL;
        _guest.Run(Write);
        _guest.Fault().Should().BeNull();
        _guest.Ram.Read<uint>(Frame).Should().Be(0x55);
        (_guest.Tables.Read(_guest.Tables.Entry(Page, 1)) & 0xff).Should().Be(P | PageTables.Accessed | PageTables.Dirty);
    }

    [Fact]
    public void STAC_opens_user_pages_and_CLAC_closes_them()
    {
        _guest.Tables.Map(Page, Frame, P | W | U);
        _guest.State.Cr4 |= Smap;
        _guest.Run(static a =>
        {
            a.mov(rbx, Page);
            a.stac();
            a.mov(__dword_ptr[rbx], 7);
            a.mov(ecx, __[rbx]);
            a.clac();
            a.mov(edx, __[rbx]);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[1], _guest.Fault()!.Error, _guest.Fault()!.Cr2).Should().Be((7UL, 1u, Page));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pages_of_every_size_translate_and_take_accessed_and_dirty_bits(int level)
    {
        ulong linear = 0x80_0000_0000UL + (5UL << 30);
        _guest.Tables.Map(linear, 0, P | W, level);
        ulong entry = _guest.Tables.Entry(linear, level);
        ulong offset = level == 1 ? 0x700u : LongModeGuest.Data;
        ulong[] seen = new ulong[2];
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port is 0x90 or 0x91)
                seen[port - 0x90] = _guest.Tables.Read(entry) & 0x60;
        };
        _guest.Ram.Write(offset, 0x7766_5544u);
        _guest.Run(a =>
        {
            a.mov(rbx, linear + offset);
            a.@out(0x90, al);
            a.mov(ecx, __[rbx]);
            a.@out(0x91, al);
            a.mov(__byte_ptr[rbx], 1);
            a.@out(0xf4, al);
        });
        _guest.State.Registers[1].Should().Be(0x7766_5544);
        _guest.Ram.Read<uint>(offset).Should().Be(0x7766_5501);
        seen.Should().Equal(0, PageTables.Accessed);
        (_guest.Tables.Read(entry) & 0x60).Should().Be(PageTables.Accessed | PageTables.Dirty);
        ulong above = _guest.Tables.Read(_guest.Tables.Entry(linear, 4));
        (above & 0x60).Should().Be(PageTables.Accessed);
    }

    [Theory]
    [InlineData(2, 0x2000UL)]
    [InlineData(3, 0x20_0000UL)]
    public void Address_bits_below_a_large_page_are_reserved(int level, ulong stray)
    {
        ulong linear = 0x80_0000_0000UL;
        _guest.Tables.Map(linear, stray, P | W, level);
        _guest.Run(a => { a.mov(rbx, linear); a.mov(eax, __[rbx]); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((14, 9u));
    }

    [Fact]
    public void A_large_page_at_the_top_level_is_reserved()
    {
        ulong linear = 0x80_0000_0000UL;
        _guest.Tables.Write(_guest.Tables.Entry(linear, 4), P | W | PageTables.Large);
        _guest.Run(a => { a.mov(rbx, linear); a.mov(eax, __[rbx]); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((14, 9u));
    }

    [Theory]
    [InlineData(0ul, 2u)]
    [InlineData(P, 3u)]
    public void A_store_whose_second_page_faults_writes_nothing(ulong second, uint error)
    {
        _guest.Tables.Map(Page, Frame);
        _guest.Tables.Map(Page + 0x1000, 0x72000, second);
        _guest.Run(static a => { a.mov(rbx, Page + 0xffe); a.mov(eax, -1); a.mov(__[rbx], eax); });
        (_guest.Fault()!.Error, _guest.Fault()!.Cr2).Should().Be((error, Page + 0x1000));
        _guest.Ram.Read<ushort>(Frame + 0xffe).Should().Be(0);
        _guest.Run(static a => { a.mov(rbx, Page + 0xffe); a.mov(eax, -1); a.add(__[rbx], eax); });
        (_guest.Fault()!.Error, _guest.Fault()!.Cr2).Should().Be((error, Page + 0x1000));
        _guest.Ram.Read<ushort>(Frame + 0xffe).Should().Be(0);
    }

    [Fact]
    public void An_access_across_pages_joins_frames_that_are_apart()
    {
        _guest.Tables.Map(Page, Frame);
        _guest.Tables.Map(Page + 0x1000, 0x75000);
        _guest.Run(static a =>
        {
            a.mov(rbx, Page + 0xffd);
            a.mov(rax, 0x1122_3344_5566_7788UL);
            a.mov(__[rbx], rax);
            a.mov(rcx, __[rbx]);
            a.inc(__qword_ptr[rbx]);
            a.@out(0xf4, al);
        });
        _guest.State.Registers[1].Should().Be(0x1122_3344_5566_7788);
        _guest.Ram.Read<byte>(Frame + 0xffd).Should().Be(0x89);
        _guest.Ram.Read<uint>(0x75000).Should().Be(0x2233_4455);
    }

    [Fact]
    public void A_read_modify_write_on_a_read_only_page_faults_as_a_write()
    {
        _guest.Tables.Map(Page, Frame, P);
        _guest.Run(static a => { a.mov(rbx, Page); a.mov(eax, __[rbx]); a.add(__dword_ptr[rbx], 1); });
        _guest.Fault()!.Error.Should().Be(3u);
    }

    [Fact]
    public void INVLPG_forgets_a_page_even_a_global_one()
    {
        _guest.Tables.Map(Page, Frame, P | W | PageTables.Global);
        ulong entry = _guest.Tables.Entry(Page, 1);
        _guest.Ram.Write(Frame, 1u);
        _guest.Ram.Write(0x72000, 2u);
        _guest.Run(a =>
        {
            a.mov(rbx, Page);
            a.mov(ecx, __[rbx]);
            a.mov(__dword_ptr[entry], 0x72003);
            a.invlpg(__byte_ptr[rbx]);
            a.mov(edx, __[rbx]);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[1], _guest.State.Registers[2]).Should().Be((1UL, 2UL));
    }

    [Theory]
    [InlineData(0ul, 2ul)]
    [InlineData(PageTables.Global, 1ul)]
    public void A_load_of_CR3_keeps_global_pages_only(ulong flag, ulong expected)
    {
        _guest.Tables.Map(Page, Frame, P | W | flag);
        ulong entry = _guest.Tables.Entry(Page, 1);
        _guest.Ram.Write(Frame, 1u);
        _guest.Ram.Write(0x72000, 2u);
        _guest.Run(a =>
        {
            a.mov(rbx, Page);
            a.mov(ecx, __[rbx]);
            a.mov(__dword_ptr[entry], 0x72003);
            a.mov(rax, cr3);
            a.mov(cr3, rax);
            a.mov(edx, __[rbx]);
            a.@out(0xf4, al);
        });
        _guest.State.Registers[2].Should().Be(expected);
    }

    [Fact]
    public void Code_of_another_address_space_runs_after_a_load_of_CR3()
    {
        const ulong SecondRoot = 0x9_0000;
        const ulong High = 0xffff_8000_0000_0000;
        foreach (ulong linear in (ReadOnlySpan<ulong>)[Page, High])
        {
            _guest.Tables.Map(linear, 0x72000);
            _guest.Machine.Code(0x72000, 64, static a => { a.mov(eax, 1); a.ret(); });
            _guest.Machine.Code(0x73000, 64, static a => { a.mov(eax, 2); a.ret(); });
            var second = new PageTables(_guest.Ram, 4, SecondRoot);
            second.Identity(0, 0x8_0000);
            second.Map(linear, 0x73000);
            _guest.Run(a =>
            {
                a.mov(rbx, linear);
                a.call(rbx);
                a.mov(ecx, eax);
                a.mov(edx, (int)SecondRoot);
                a.mov(cr3, rdx);
                a.call(rbx);
                a.@out(0xf4, al);
            });
            _guest.Fault().Should().BeNull();
            (_guest.State.Registers[1], _guest.State.Registers[0]).Should().Be((1UL, 2UL));
            _guest.State.Cr3 = _guest.Tables.Root;
            _guest.Ram.Bytes(SecondRoot, 0x8000).Clear();
        }
    }

    [Fact]
    public void Setting_NXE_and_CR4_bits_takes_effect_on_what_is_cached()
    {
        _guest.Tables.Map(Page, Frame, P | U);
        _guest.Machine.Code(Frame, 64, static a => a.ret());
        _guest.Run(static a =>
        {
            a.mov(rbx, Page);
            a.call(rbx);
            a.mov(eax, __[rbx]);
            a.mov(rax, cr4);
            a.or(eax, (int)Smep);
            a.mov(cr4, rax);
            a.call(rbx);
        });
        (_guest.Fault()!.Error, _guest.Fault()!.Cr2).Should().Be((0x11u, Page));
    }

    [Fact]
    public void User_and_supervisor_views_are_kept_apart()
    {
        _guest.Gate(0x80, 0x12000, dpl: 3);
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(ecx, __[LongModeGuest.Data]); a.iretq(); });
        _guest.Ram.Write(LongModeGuest.Data, 0x99u);
        _guest.RunUser(static a => { a.@int(0x80); a.mov(eax, __[LongModeGuest.Data]); });
        _guest.State.Registers[1].Should().Be(0x99);
        (_guest.Fault()!.Error, _guest.Fault()!.Cr2).Should().Be((5u, LongModeGuest.Data));
    }

    [Fact]
    public void Device_space_is_asked_for_and_never_cached()
    {
        _guest.Tables.Map(Page, 0xfee0_0000);
        _guest.Host.OnDeviceRead = static (address, size) => address + (ulong)size;
        _guest.Run(static a =>
        {
            a.mov(rbx, Page);
            a.mov(ecx, __[rbx + 0x10]);
            a.mov(__dword_ptr[rbx + 0x20], 3);
            a.mov(__dword_ptr[rbx + 0x20], 4);
            a.@out(0xf4, al);
        });
        _guest.State.Registers[1].Should().Be(0xfee0_0014);
        _guest.Host.DeviceWrites.Should().Equal((0xfee0_0020, 4, 3), (0xfee0_0020, 4, 4));
    }

    [Fact]
    public void Memory_that_is_taken_away_becomes_device_space_when_the_machine_is_told()
    {
        _guest.Tables.Map(Page, Frame);
        _guest.Host.OnDeviceRead = static (_, _) => 0x77;
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port != 0x99)
                return;
            _guest.Ram.Remap(Frame >> 12, null);
            _guest.Machine.Machine.MappingChanged(new GuestFrame(Frame >> 12), 1);
        };
        _guest.Run(static a => { a.mov(rbx, Page); a.mov(ecx, __[rbx]); a.@out(0x99, al); a.mov(ecx, __[rbx]); a.@out(0xf4, al); });
        _guest.State.Registers[1].Should().Be(0x77);
    }

    [Fact]
    public void TryTranslate_sets_no_bits_and_knows_no_address_that_is_not_canonical()
    {
        _guest.Tables.Map(Page, Frame, P);
        _guest.Run(static a => a.@out(0xf4, al));
        _guest.Machine.Cpu.TryTranslate(new GuestLinear(Page + 0x123), out GuestPhysical physical).Should().BeTrue();
        physical.Address.Should().Be(Frame + 0x123);
        (_guest.Tables.Read(_guest.Tables.Entry(Page, 1)) & 0x60).Should().Be(0);
        _guest.Machine.Cpu.TryTranslate(new GuestLinear(0x7000_0000), out _).Should().BeFalse();
        _guest.Machine.Cpu.TryTranslate(new GuestLinear(Page | (1UL << 60)), out _).Should().BeFalse();
    }

    [Fact]
    public void A_bad_write_to_EFER_or_CR0_is_refused()
    {
        _guest.Run(static a => { a.mov(ecx, unchecked((int)Msr.Efer)); a.mov(eax, 0x400); a.xor(edx, edx); a.wrmsr(); });
        _guest.Fault()!.Vector.Should().Be(13);
        _guest.Run(static a => { a.mov(rax, cr0); a.and(eax, 0x7fff_ffff); a.mov(cr0, rax); });
        _guest.Fault()!.Vector.Should().Be(13);
    }
}
