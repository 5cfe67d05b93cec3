using Hospes.Engines.Tests.Machines;
using Hospes.Sdk.Engines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Real mode, 16- and 32-bit protected mode, and the ways between the modes (Intel SDM volume 3, chapters 9 and 10).</summary>
public sealed class ModeTests : IDisposable
{
    private const ulong Gdt = 0x1000;
    private readonly GuestMachine _machine = new();

    public ModeTests()
    {
        ulong[] descriptors =
        [
            0, 0x00cf_9b00_0000_ffff, 0x00cf_9300_0000_ffff, 0x00af_9b00_0000_ffff, 0x00cf_fb00_0000_ffff, 0x00cf_f300_0000_ffff, 0x0000_8900_3000_0067,
        ];
        for (int i = 0; i < descriptors.Length; i++)
            _machine.Ram.Write(Gdt + ((ulong)i * 8), descriptors[i]);
        _machine.Ram.Write(0x1100, (ushort)0x37);
        _machine.Ram.Write(0x1102, (uint)Gdt);
    }

    public void Dispose() => _machine.Dispose();

    private void Real(ushort segment)
    {
        CpuState state = _machine.State;
        for (int i = 0; i < 6; i++)
            state.Segments[i] = new SegmentState(0, 0, 0xffff, 0x93);
        state.Segments[1] = new SegmentState(segment, (ulong)segment << 4, 0xffff, 0x9b);
        state.Rip = 0;
        state.Registers[4] = 0x7000;
        state.IdtrLimit = 0x3ff;
    }

    private void Protected(int level)
    {
        CpuState state = _machine.State;
        state.Cr0 = 0x11;
        (state.GdtrBase, state.GdtrLimit) = (Gdt, 0x37);
        (state.IdtrBase, state.IdtrLimit) = (0x2000, 0x7ff);
        bool user = level == 3;
        for (int i = 0; i < 6; i++)
            state.Segments[i] = user ? new SegmentState(0x2b, 0, uint.MaxValue, 0xcf3) : new SegmentState(0x10, 0, uint.MaxValue, 0xc93);
        state.Segments[1] = user ? new SegmentState(0x23, 0, uint.MaxValue, 0xcfb) : new SegmentState(8, 0, uint.MaxValue, 0xc9b);
        state.Tr = new SegmentState(0x30, 0x3000, 0x67, 0x8b);
        _machine.Ram.Write(0x3004, 0x7000);
        _machine.Ram.Write(0x3008, (ushort)0x10);
        state.Registers[4] = 0x6000;
        state.Rflags = 0x3002;
        state.Rip = 0x10000;
    }

    private void Gate32(int vector, uint target, int attributes)
        => _machine.Ram.Write(0x2000 + ((ulong)vector * 8), (target & 0xffff) | (8UL << 16) | ((ulong)(uint)attributes << 40) | ((ulong)(target & 0xffff_0000) << 32));

    [Fact]
    public void A_start_up_vector_leads_through_protected_mode_to_long_mode_and_compatibility_code_and_back()
    {
        var tables = new PageTables(_machine.Ram, 4);
        tables.Map(0, 0, PageTables.Present | PageTables.Writable, 2);
        Real(0x800);
        _machine.Code(0x8000, 16, static a =>
        {
            a.cli();
            a.mov(ax, cs);
            a.mov(bx, ax);
            a.lgdt(__[0x1100]);
            a.mov(eax, cr0);
            a.or(eax, 1);
            a.mov(cr0, eax);
            a.db(0x66, 0xea, 0x00, 0x90, 0x00, 0x00, 0x08, 0x00);
        });
        _machine.Code(0x9000, 32, a =>
        {
            a.mov(ax, 0x10);
            a.mov(ds, ax);
            a.mov(ss, ax);
            a.mov(eax, 0x20);
            a.mov(cr4, eax);
            a.mov(eax, (int)tables.Root);
            a.mov(cr3, eax);
            a.mov(ecx, unchecked((int)0xc000_0080));
            a.rdmsr();
            a.or(eax, 0x100);
            a.wrmsr();
            a.mov(eax, cr0);
            a.or(eax, unchecked((int)0x8000_0000));
            a.mov(cr0, eax);
            a.inc(esi);
            a.db(0xea, 0x00, 0xa0, 0x00, 0x00, 0x18, 0x00);
        });
        _machine.Code(0xa000, 64, static a =>
        {
            a.mov(r8, 0x1234_5678_9abc_def0UL);
            a.mov(rsp, 0x7000UL);
            a.push(0x08);
            a.push(0xb000);
            a.db(0x48, 0xcb); // RETF with quadwords
        });
        _machine.Code(0xb000, 32, static a => { a.mov(edi, 0x44); a.dec(edi); a.db(0xea, 0x00, 0xc0, 0x00, 0x00, 0x18, 0x00); });
        _machine.Code(0xc000, 64, static a => { a.mov(r9, r8); a.mov(ecx, unchecked((int)0xc000_0080)); a.rdmsr(); a.@out(0xf4, al); });
        _machine.Start().Should().Be(CpuExit.Requested);

        CpuState state = _machine.State;
        state.Registers[3].Should().Be(0x800);
        state.Registers[9].Should().Be(0x1234_5678_9abc_def0);
        state.Registers[7].Should().Be(0x43);
        ((uint)state.Registers[0]).Should().Be(0x500);
        state.Segments[1].Selector.Should().Be(0x18);
    }

    [Fact]
    public void Equal_offsets_in_different_real_mode_segments_are_different_code()
    {
        Real(0x1000);
        _machine.Code(0x10000, 16, static a => { a.inc(bx); a.db(0xea, 0x00, 0x00, 0x00, 0x20); });
        _machine.Code(0x20000, 16, static a => { a.add(cx, 16); a.cmp(cx, 64); Label l = a.CreateLabel(); a.je(l); a.db(0xea, 0x00, 0x00, 0x00, 0x10); a.Label(ref l); a.@out(0xf4, al); });
        _machine.State.Registers[1] = _machine.State.Registers[3] = 0;
        _machine.Start();
        (_machine.State.Registers[3], _machine.State.Registers[1]).Should().Be((4UL, 64UL));
    }

    [Fact]
    public void Real_mode_interrupts_go_through_the_vector_table_and_return()
    {
        Real(0x1000);
        _machine.Ram.Write(0x21 * 4, 0x2000_0005u);
        _machine.Code(0x20005, 16, static a => { a.mov(bp, sp); a.mov(dx, __[bp + 4]); a.mov(bx, 0x77); a.iret(); });
        _machine.Code(0x10000, 16, static a => { a.sti(); a.@int(0x21); a.pushf(); a.pop(cx); a.@out(0xf4, al); });
        _machine.Start();
        ((ushort)_machine.State.Registers[3], _machine.State.Registers[2] & 0x200, _machine.State.Registers[1] & 0x200).Should().Be(((ushort)0x77, 0x200UL, 0x200UL));
        ((ushort)_machine.State.Registers[4]).Should().Be(0x7000);
    }

    [Fact]
    public void Running_past_a_segments_end_in_real_mode_faults()
    {
        Real(0x1000);
        _machine.Ram.Write(13 * 4, 0x3000_0000u);
        _machine.Ram.Bytes(0x1fffe, 2).Fill(0x90);
        _machine.State.Rip = 0xfffe;
        _machine.Code(0x30000, 16, static a => a.@out(0xf4, al));
        _machine.Code(0x20000, 16, static a => a.@out(0xf4, al));
        _machine.Start();
        _machine.State.Segments[1].Selector.Should().Be(0x3000);
    }

    [Fact]
    public void A_virtual_8086_image_in_a_real_mode_IRETD_changes_nothing()
    {
        Real(0x1000);
        _machine.Code(0x10000, 16, static a =>
        {
            a.db(0x66, 0x68, 0x02, 0x00, 0x02, 0x00);
            a.db(0x66, 0x68, 0x00, 0x10, 0x00, 0x00);
            a.db(0x66, 0x68, 0x20, 0x00, 0x00, 0x00);
            a.iretd();
        });
        _machine.Code(0x10020, 16, static a => a.@out(0xf4, al));
        _machine.Start().Should().Be(CpuExit.Requested);
        (_machine.State.Rflags & 0x2_0000).Should().Be(0);
    }

    [Fact]
    public void A_32_bit_gate_switches_to_the_stack_of_the_task_and_IRETD_returns()
    {
        Protected(3);
        Gate32(0x80, 0x12000, 0xee);
        _machine.Code(0x12000, 32, static a =>
        {
            a.mov(ebx, __[esp]);
            a.mov(ecx, __[esp + 12]);
            a.mov(edx, __[esp + 16]);
            a.mov(esi, esp);
            a.mov(edi, ss);
            a.iretd();
        });
        _machine.Code(0x10000, 32, static a => { a.@int(0x80); a.mov(eax, cs); a.@out(0xf4, al); });
        _machine.Start();
        ulong[] registers = _machine.State.Registers;
        (registers[3], registers[1], registers[2], registers[6], registers[7], registers[0]).Should().Be((0x10002UL, 0x6000UL, 0x2bUL, 0x7000UL - 20, 0x10UL, 0x23UL));
        registers[4].Should().Be(0x6000);
    }

    [Fact]
    public void A_32_bit_exception_pushes_its_error_code()
    {
        Protected(3);
        Gate32(13, 0x12000, 0x8e);
        _machine.Code(0x12000, 32, static a => { a.mov(ebx, __[esp]); a.@out(0xf4, al); });
        _machine.Code(0x10000, 32, static a => a.@int(0x90));
        _machine.Start();
        _machine.State.Registers[3].Should().Be((0x90 * 8) | 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Legacy_paging_translates_small_and_large_pages(int levels)
    {
        var tables = new PageTables(_machine.Ram, levels);
        tables.Identity(0, 0x2_0000);
        tables.Map(0xc040_0000, 0x7_0000);
        tables.Map(0xc080_0000, 0, PageTables.Present | PageTables.Writable, 2);
        Protected(0);
        _machine.State.Cr0 = 0x8001_0011;
        _machine.State.Cr4 = levels == 3 ? 0x20u : 0x10u;
        _machine.State.Cr3 = tables.Root;
        _machine.Ram.Write(0x7_0010, 0xabcdu);
        Gate32(14, 0x12000, 0x8e);
        _machine.Code(0x12000, 32, static a => { a.mov(edx, __[esp]); a.mov(edi, cr2); a.@out(0xf4, al); });
        _machine.Code(0x10000, 32, static a =>
        {
            a.mov(ebx, unchecked((int)0xc040_0010));
            a.mov(ecx, __[ebx]);
            a.mov(ebx, unchecked((int)0xc087_0010));
            a.mov(__dword_ptr[ebx], 0x1111);
            a.mov(ebx, unchecked((int)0xd000_0000));
            a.mov(__dword_ptr[ebx], 1);
        });
        _machine.Start();
        (_machine.State.Registers[1], _machine.State.Registers[2], _machine.State.Registers[7]).Should().Be((0xabcdUL, 2UL, 0xd000_0000UL));
        _machine.Ram.Read<uint>(0x7_0010).Should().Be(0x1111);
        (tables.Read(tables.Entry(0xc040_0000, 1)) & 0x60).Should().Be(PageTables.Accessed);
        (tables.Read(tables.Entry(0xc080_0000, 2)) & 0x60).Should().Be(PageTables.Accessed | PageTables.Dirty);
    }

    [Fact]
    public void A_32_bit_hypercall_takes_its_arguments_from_the_32_bit_registers()
    {
        Protected(0);
        _machine.Host.Answer = -38;
        _machine.Code(0x10000, 32, static a =>
        {
            a.mov(eax, 17);
            a.mov(ebx, 1);
            a.mov(ecx, 2);
            a.mov(edx, 3);
            a.mov(esi, 4);
            a.mov(edi, 5);
            a.mov(ebp, 6);
            a.vmcall();
            a.@out(0xf4, al);
        });
        _machine.Start();
        HypercallFrame frame = _machine.Host.Hypercalls.Should().ContainSingle().Subject;
        (frame.Number, frame.Argument1, frame.Argument2, frame.Argument3, frame.Argument4, frame.Argument5, frame.Argument6, frame.Is64Bit, frame.PrivilegeLevel)
            .Should().Be((17UL, 1UL, 2UL, 3UL, 4UL, 5UL, 6UL, false, 0));
        _machine.State.Registers[0].Should().Be(0xffff_ffda);
    }
}
