using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Sdk.Engines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>System calls, segments, far transfers, ports, model-specific registers, hypercalls in long mode (Intel SDM volume 2).</summary>
public sealed class SystemInstructionTests : IDisposable
{
    private const int Cs = LongModeGuest.UserCode;
    private readonly LongModeGuest _guest = new();

    public SystemInstructionTests()
    {
        _guest.State.Msrs[Msr.Star] = (0x18UL << 48) | (8UL << 32);
        _guest.State.Msrs[Msr.Lstar] = 0x12000;
        _guest.State.Msrs[Msr.Sfmask] = 0x300;
        _guest.State.Msrs[Msr.SysenterCs] = 8;
        _guest.State.Msrs[Msr.SysenterEsp] = 0x36000;
        _guest.State.Msrs[Msr.SysenterEip] = 0x12000;
    }

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void SYSCALL_and_SYSRET_go_to_the_kernel_and_back()
    {
        _guest.Machine.Code(0x12000, 64, static a => { a.pushfq(); a.pop(r8); a.mov(r9d, cs); a.mov(r10d, ss); a.sysretq(); });
        _guest.State.Rflags = 0x3202;
        _guest.RunUser(static a => { a.syscall(); a.mov(eax, cs); a.mov(ebx, ss); a.pushfq(); a.pop(rdx); a.@out(0xf4, al); });
        ulong[] registers = _guest.State.Registers;
        (registers[8] & 0x300, registers[9], registers[10]).Should().Be((0UL, 8UL, 0x10UL));
        (registers[0], registers[3], registers[1], registers[2]).Should().Be(((ulong)Cs, (ulong)LongModeGuest.UserData, LongModeGuest.UserCodeAt + 2, 0x3202UL));
    }

    [Fact]
    public void SYSRET_to_an_address_that_is_not_canonical_faults_in_the_kernel()
    {
        _guest.Run(static a => { a.mov(rcx, 0x0000_8000_0000_0000UL); a.mov(r11d, 2); a.sysretq(); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error, _guest.Fault()!.Cs).Should().Be((13, 0u, LongModeGuest.KernelCode));
    }

    [Fact]
    public void SYSRET_from_user_code_and_SYSCALL_without_its_feature_are_refused()
    {
        _guest.RunUser(static a => a.sysretq());
        _guest.Fault()!.Vector.Should().Be(13);
        _guest.State.Msrs[Msr.Efer] &= ~1UL;
        _guest.RunUser(static a => a.syscall());
        _guest.Fault()!.Vector.Should().Be(6);
    }

    [Fact]
    public void SYSENTER_and_SYSEXIT_go_to_the_kernel_and_back()
    {
        // SYSEXIT goes to SYSENTER_CS + 32: the descriptor order differs from SYSRET's.
        _guest.Ram.Write(LongModeGuest.Gdt + 0x28, 0x00af_fb00_0000_ffffUL);
        _guest.Machine.Code(0x12000, 64, static a =>
        {
            a.mov(r8, rsp);
            a.mov(r9d, cs);
            a.mov(rcx, LongModeGuest.UserStackTop);
            a.mov(rdx, LongModeGuest.UserCodeAt + 2);
            a.sysexitq();
        });
        _guest.State.Rflags = 0x3202;
        _guest.RunUser(static a => { a.sysenter(); a.mov(eax, cs); a.@out(0xf4, al); });
        (_guest.State.Registers[8], _guest.State.Registers[9], _guest.State.Registers[0], _guest.State.Registers[4])
            .Should().Be((0x36000UL, 8UL, 0x2bUL, LongModeGuest.UserStackTop));
    }

    [Fact]
    public void SYSENTER_without_a_selector_faults()
    {
        _guest.State.Msrs[Msr.SysenterCs] = 0;
        _guest.RunUser(static a => a.sysenter());
        _guest.Fault()!.Vector.Should().Be(13);
    }

    [Theory]
    [InlineData(0x38, 11, 0x38)] // not present
    [InlineData(0x40, 13, 0x40)] // a task
    [InlineData(0xf8, 13, 0xf8)] // outside the table
    [InlineData(0x14, 13, 0x14)] // no local table
    public void Loads_of_bad_selectors_fault_and_name_them(int selector, int vector, int error)
    {
        _guest.Run(a => { a.mov(eax, selector); a.mov(ds, ax); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((vector, (uint)error));
    }

    [Fact]
    public void Null_selectors_are_fine_for_data_and_for_a_kernels_stack_but_not_for_a_users()
    {
        _guest.Run(static a => { a.xor(eax, eax); a.mov(ds, ax); a.mov(fs, ax); a.mov(ss, ax); a.push(rax); a.@out(0xf4, al); });
        _guest.Fault().Should().BeNull();
        _guest.RunUser(static a => { a.xor(eax, eax); a.mov(ss, ax); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((13, 0u));
    }

    [Fact]
    public void A_load_sets_the_accessed_bit_of_the_descriptor()
    {
        _guest.Ram.Write(LongModeGuest.Gdt + 0x20, 0x00cf_f200_0000_ffffUL);
        _guest.Run(static a => { a.mov(eax, 0x23); a.mov(ds, ax); a.@out(0xf4, al); });
        _guest.Ram.Read<byte>(LongModeGuest.Gdt + 0x25).Should().Be(0xf3);
    }

    [Fact]
    public void Far_calls_and_returns_within_the_kernel()
    {
        _guest.Ram.Write(LongModeGuest.Data, 0x12000UL);
        _guest.Ram.Write(LongModeGuest.Data + 8, (ushort)8);
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(rbx, __[rsp]); a.mov(rcx, __[rsp + 8]); a.db(0x48, 0xcb); });
        _guest.Run(static a => { a.mov(rdx, LongModeGuest.Data); a.db(0x48, 0xff, 0x1a); a.mov(rdi, rsp); a.@out(0xf4, al); });
        (_guest.State.Registers[3], _guest.State.Registers[1], _guest.State.Registers[7]).Should().Be((LongModeGuest.CodeAt + 13, 8UL, LongModeGuest.StackTop));
    }

    [Theory]
    [InlineData(0x50, 11, 0x50u)]
    [InlineData(0x10, 13, 0x10u)]
    [InlineData(0x2b, 13, 0x28u)]
    [InlineData(0, 13, 0u)]
    public void Far_jumps_to_bad_segments_fault(int selector, int vector, uint error)
    {
        _guest.Ram.Write(LongModeGuest.Data, 0x12000u);
        _guest.Ram.Write(LongModeGuest.Data + 4, (ushort)selector);
        _guest.Run(static a => { a.mov(rdx, LongModeGuest.Data); a.db(0xff, 0x2a); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((vector, error));
    }

    [Theory]
    [InlineData(0x80, 0x00, 1, true)]
    [InlineData(0x80, 0x01, 1, false)]
    [InlineData(0x87, 0x80, 1, false)]
    [InlineData(0x87, 0x7f, 1, true)]
    public void The_permission_bitmap_decides_about_ports(int port, int bits, int size, bool allowed)
    {
        _guest.Ram.Write(LongModeGuest.Task + 0x68 + 0x10, (byte)bits);
        _guest.RunUser(a => { a.mov(edx, port); a.@out(dx, al); a.ud2(); });
        _guest.Host.Writes.Any(write => write.Port == port && write.Size == size).Should().Be(allowed);
        _guest.Fault()!.Vector.Should().Be(allowed ? 6 : 13);
    }

    [Fact]
    public void A_wide_access_needs_every_bit_even_across_bytes_of_the_bitmap()
    {
        _guest.Ram.Write(LongModeGuest.Task + 0x68 + 0x10, (byte)0);
        _guest.Ram.Write(LongModeGuest.Task + 0x68 + 0x11, (byte)1);
        _guest.RunUser(static a => { a.mov(edx, 0x86); a.@out(dx, eax); });
        _guest.Fault()!.Vector.Should().Be(13);
        _guest.State.Rip = LongModeGuest.UserCodeAt;
        _guest.RunUser(static a => { a.mov(edx, 0x84); a.@out(dx, eax); a.ud2(); });
        _guest.Fault()!.Vector.Should().Be(6);
    }

    [Fact]
    public void A_hypercall_carries_the_64_bit_registers_and_the_privilege_level()
    {
        _guest.Host.Answer = -22;
        _guest.RunUser(static a =>
        {
            a.mov(eax, 12);
            a.mov(rdi, 0x1_0000_0001UL);
            a.mov(esi, 2);
            a.mov(edx, 3);
            a.mov(r10d, 4);
            a.mov(r8d, 5);
            a.mov(r9d, 6);
            a.vmcall();
            a.ud2();
        });
        HypercallFrame frame = _guest.Host.Hypercalls.Should().ContainSingle().Subject;
        (frame.Number, frame.Argument1, frame.Argument2, frame.Argument3, frame.Argument4, frame.Argument5, frame.Argument6, frame.Is64Bit, frame.PrivilegeLevel)
            .Should().Be((12UL, 0x1_0000_0001UL, 2UL, 3UL, 4UL, 5UL, 6UL, true, 3));
        ((long)_guest.State.Registers[0]).Should().Be(-22);
    }

    [Fact]
    public void Model_specific_registers_are_the_kernels_and_unknown_ones_the_hosts()
    {
        _guest.Host.Msrs[0x4000_0000] = 5;
        _guest.Run(static a => { a.mov(ecx, 0x4000_0000); a.rdmsr(); a.mov(edx, 1); a.mov(eax, 2); a.wrmsr(); a.@out(0xf4, al); });
        _guest.Host.Msrs[0x4000_0000].Should().Be(0x1_0000_0002);
        _guest.Run(static a => { a.mov(ecx, 0x4000_0001); a.rdmsr(); });
        _guest.Fault()!.Vector.Should().Be(13);
        _guest.RunUser(static a => { a.mov(ecx, 0x10); a.rdmsr(); });
        _guest.Fault()!.Vector.Should().Be(13);
    }

    [Theory]
    [InlineData(0xc000_0100u, 0x8000_0000u, 0u, true)]
    [InlineData(0xc000_0082u, 0u, 0x8000u, false)]
    [InlineData(0x277u, 0x0002_0406u, 0u, false)]
    [InlineData(0xc000_0103u, 1u, 1u, false)]
    [InlineData(0xc000_0080u, 0x8000_0000u, 0u, false)]
    public void Values_that_a_register_cannot_hold_are_refused(uint index, uint low, uint high, bool accepted)
    {
        _guest.Run(a => { a.mov(ecx, (int)index); a.mov(eax, (int)low); a.mov(edx, (int)high); a.wrmsr(); a.@out(0xf4, al); });
        (_guest.Fault()?.Vector).Should().Be(accepted ? null : 13);
    }

    [Fact]
    public void CPUID_asks_the_host_last_and_the_time_stamp_can_be_forbidden_to_users()
    {
        _guest.RunUser(static a => { a.mov(eax, 0x4000_0000); a.cpuid(); a.rdtsc(); a.ud2(); });
        _guest.State.Registers[3].Should().Be(0x566e_6558);
        _guest.Fault()!.Vector.Should().Be(6);
        _guest.State.Cr4 |= 4;
        _guest.RunUser(static a => a.rdtsc());
        _guest.Fault()!.Vector.Should().Be(13);
        _guest.State.Segments[1] = new SegmentState(LongModeGuest.KernelCode, 0, uint.MaxValue, 0xa9b);
        _guest.State.Segments[2] = new SegmentState(LongModeGuest.KernelData, 0, uint.MaxValue, 0xc93);
        _guest.Run(static a => { a.rdtsc(); a.@out(0xf4, al); });
        _guest.Fault().Should().BeNull();
    }

    [Theory]
    [InlineData("hlt")]
    [InlineData("cli")]
    [InlineData("lgdt")]
    [InlineData("cr3")]
    [InlineData("clts")]
    [InlineData("invlpg")]
    [InlineData("swapgs")]
    [InlineData("wbinvd")]
    public void Privileged_instructions_fault_in_user_code(string name)
    {
        _guest.RunUser(a =>
        {
            switch (name)
            {
                case "hlt": a.hlt(); break;
                case "cli": a.cli(); break;
                case "lgdt": a.lgdt(__[rsp - 16]); break;
                case "cr3": a.mov(cr3, rax); break;
                case "clts": a.clts(); break;
                case "invlpg": a.invlpg(__byte_ptr[rax]); break;
                case "swapgs": a.swapgs(); break;
                default: a.wbinvd(); break;
            }
        });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((13, 0u));
    }

    [Fact]
    public void A_saved_state_without_room_for_vector_registers_is_refused()
    {
        _guest.State.ExtendedState = new byte[100];
        Action restore = () => _guest.Machine.Cpu.Restore(_guest.State);
        restore.Should().Throw<ArgumentException>().WithMessage("*100 bytes*");
    }
}
