using Hospes.Engines.Tests.Machines;
using Hospes.Sdk.Engines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Exceptions and interrupts in long mode (Intel SDM volume 3, chapter 6).</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly LongModeGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void An_exception_from_user_code_switches_to_the_stack_of_the_task_and_returns()
    {
        _guest.Handler(6, 0x12000, static a =>
        {
            a.mov(rax, __qword_ptr[rsp]);
            a.mov(rbx, __qword_ptr[rsp + 24]);
            a.mov(cx, ss);
            a.add(__qword_ptr[rsp], 2);
            a.iretq();
        });
        _guest.State.Rflags = 0x3002;
        _guest.RunUser(static a => { a.ud2(); a.mov(rdx, rsp); a.@out(0xf4, al); }).Should().Be(CpuExit.Requested);

        _guest.Fault().Should().BeNull();
        _guest.State.Registers[0].Should().Be(LongModeGuest.UserCodeAt);
        _guest.State.Registers[3].Should().Be(LongModeGuest.UserStackTop);
        _guest.State.Registers[2].Should().Be(LongModeGuest.UserStackTop);
        ((ushort)_guest.State.Registers[1]).Should().Be(0, "the inner stack's selector is null with the new privilege level");
        _guest.State.Segments[2].Selector.Should().Be(LongModeGuest.UserData);
        _guest.State.Segments[1].Selector.Should().Be(LongModeGuest.UserCode);
    }

    [Fact]
    public void The_frame_is_aligned_and_says_everything_about_the_interrupted_code()
    {
        _guest.State.Rflags = 0x3002 | 0x40;
        _guest.State.Registers[4] = LongModeGuest.StackTop - 3;
        _guest.Run(static a => a.ud2());

        const ulong Resume = 0x1_0000; // a fault's frame has it set: SDM volume 3, 18.3.1.1
        _guest.Fault().Should().Be(new FaultReport(
            6, null, LongModeGuest.CodeAt, LongModeGuest.KernelCode, Resume | 0x3042, LongModeGuest.StackTop - 3, LongModeGuest.KernelData, LongModeGuest.StackTop - 16 - 40, 0));
    }

    [Fact]
    public void A_vector_with_an_interrupt_stack_uses_it_at_the_same_privilege_level()
    {
        _guest.Gate(6, LongModeGuest.Stubs + 96, ist: 1);
        _guest.Run(static a => a.ud2());
        _guest.Fault()!.HandlerRsp.Should().Be(LongModeGuest.IstTop - 40);
        _guest.State.Segments[2].Selector.Should().Be(LongModeGuest.KernelData, "only a change of level loads SS");
    }

    [Theory]
    [InlineData(0xe, false)]
    [InlineData(0xf, true)]
    public void An_interrupt_gate_masks_interrupts_and_a_trap_gate_does_not(int type, bool enabled)
    {
        _guest.Gate(6, LongModeGuest.Stubs + 96, type: type);
        _guest.State.Rflags = 0x202;
        _guest.Run(static a => a.ud2());
        ((_guest.State.Rflags & 0x200) != 0).Should().Be(enabled);
    }

    [Fact]
    public void A_fault_while_a_fault_is_delivered_is_a_double_fault_with_error_zero()
    {
        _guest.Gate(13, LongModeGuest.Stubs, present: false);
        _guest.Run(static a => { a.mov(rax, 0x1234UL << 48); a.mov(rbx, __[rax]); });
        FaultReport fault = _guest.Fault()!;
        (fault.Vector, fault.Error).Should().Be((8, 0u));
        fault.Rip.Should().Be(LongModeGuest.CodeAt + 10);
    }

    [Fact]
    public void A_page_fault_while_a_benign_exception_is_delivered_is_delivered_itself()
    {
        _guest.Gate(6, LongModeGuest.Stubs + 96, ist: 2);
        _guest.Ram.Write(LongModeGuest.Task + 0x2c, 0x4000_0000UL);
        _guest.Run(static a => a.ud2());
        FaultReport fault = _guest.Fault()!;
        (fault.Vector, fault.Error, fault.Cr2).Should().Be((14, 2u, 0x4000_0000UL - 8));
    }

    [Fact]
    public void A_fault_that_the_double_fault_handler_cannot_take_shuts_the_cpu_down()
    {
        _guest.State.IdtrLimit = 0;
        _guest.Run(static a => a.ud2()).Should().Be(CpuExit.TripleFault);
    }

    [Fact]
    public void A_broken_gate_gives_a_protection_fault_that_names_the_gate()
    {
        _guest.Gate(0x80, 0, type: 0xc);
        _guest.Run(static a => a.@int(0x80));
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((13, (0x80u * 8) | 2));
    }

    [Fact]
    public void A_gate_that_is_not_present_gives_segment_not_present()
    {
        _guest.Gate(0x80, 0, present: false);
        _guest.Run(static a => a.@int(0x80));
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((11, (0x80u * 8) | 2));
    }

    [Theory]
    [InlineData(0, 13)]
    [InlineData(3, 0x80)]
    public void User_code_may_use_only_gates_of_its_level(int dpl, int vector)
    {
        _guest.Gate(0x80, LongModeGuest.Stubs + 0x800, dpl: dpl);
        _guest.RunUser(static a => a.@int(0x80));
        FaultReport fault = _guest.Fault()!;
        fault.Vector.Should().Be(vector);
        fault.Rip.Should().Be(LongModeGuest.UserCodeAt + (vector == 13 ? 0u : 2u));
    }

    [Fact]
    public void A_breakpoint_returns_behind_itself_and_needs_a_gate_for_users()
    {
        _guest.RunUser(static a => a.int3());
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((13, (3u * 8) | 2));
        _guest.Gate(3, LongModeGuest.Stubs + 48, dpl: 3);
        _guest.RunUser(static a => a.int3());
        (_guest.Fault()!.Vector, _guest.Fault()!.Rip).Should().Be((3, LongModeGuest.UserCodeAt + 1));
    }

    [Fact]
    public void A_divide_error_returns_to_the_division()
    {
        _guest.Run(static a => { a.xor(ecx, ecx); a.div(ecx); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Rip).Should().Be((0, LongModeGuest.CodeAt + 2));
    }

    [Fact]
    public void An_external_interrupt_waits_until_interrupts_are_enabled()
    {
        _guest.Host.Interrupts.Enqueue(0x40);
        _guest.Machine.Poll(PollBits.Interrupt);
        _guest.Run(static a => { a.nop(); a.mov(eax, 7); a.sti(); a.mov(eax, 8); a.mov(eax, 9); a.@out(0xf4, al); });
        (_guest.Fault()!.Vector, _guest.State.Registers[0]).Should().Be((0x40, 8UL), "STI holds interrupts back for one instruction");
    }

    [Fact]
    public void Code_that_opens_interrupts_for_one_instruction_lets_them_in()
    {
        _guest.Host.Interrupts.Enqueue(0x40);
        _guest.Machine.Poll(PollBits.Interrupt);
        _guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, 1000);
            a.Label(ref again);
            a.sti();
            a.nop();
            a.cli();
            a.dec(ecx);
            a.jnz(again);
            a.@out(0xf4, al);
        });
        (_guest.Fault()?.Vector, _guest.State.Registers[1]).Should().Be((0x40, 1000UL));
    }

    [Fact]
    public void A_load_of_SS_holds_interrupts_back_for_one_instruction()
    {
        _guest.State.Rflags = 0x202;
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port == 0x99)
            {
                _guest.Host.Interrupts.Enqueue(0x41);
                _guest.Machine.Poll(PollBits.Interrupt);
            }
        };
        _guest.Run(static a => { a.cli(); a.mov(ax, ss); a.@out(0x99, al); a.pushfq(); a.or(__dword_ptr[rsp], 0x200); a.popfq(); a.nop(); a.@out(0xf4, al); });
        _guest.Fault()!.Vector.Should().Be(0x41, "POPF has no shadow");

        _guest.Run(static a => { a.sti(); a.nop(); a.mov(eax, 0x10); a.mov(ebx, 0); a.mov(ss, ax); a.mov(ebx, 1); a.mov(ebx, 2); a.@out(0xf4, al); });
        _guest.Fault().Should().BeNull("nothing waits any more");
    }

    [Fact]
    public void HLT_returns_to_the_caller_and_an_interrupt_wakes_it()
    {
        _guest.Run(static a => { a.sti(); a.hlt(); a.@out(0xf4, al); }).Should().Be(CpuExit.Halted);
        _guest.State.IsHalted.Should().BeTrue();
        _guest.Machine.Run().Should().Be(CpuExit.Halted, "nothing has woken it");
        _guest.Host.Interrupts.Enqueue(0x42);
        _guest.Machine.Poll(PollBits.Interrupt);
        _guest.Machine.Run().Should().Be(CpuExit.Requested);
        (_guest.Fault()!.Vector, _guest.Fault()!.Rip, _guest.State.IsHalted).Should().Be((0x42, LongModeGuest.CodeAt + 2, false));
    }

    [Fact]
    public void HLT_with_interrupts_disabled_is_told_apart_and_a_spurious_interrupt_does_not_wake_it()
    {
        _guest.Machine.Poll(PollBits.Interrupt);
        _guest.Run(static a => { a.cli(); a.hlt(); }).Should().Be(CpuExit.HaltedForever);
    }

    [Fact]
    public void A_second_NMI_waits_for_IRET()
    {
        _guest.Handler(2, 0x12000, static a =>
        {
            Label second = a.CreateLabel();
            a.inc(__dword_ptr[LongModeGuest.Data]);
            a.cmp(__dword_ptr[LongModeGuest.Data], 2);
            a.je(second);
            a.@out(0x98, al);
            a.nop();
            a.mov(__dword_ptr[LongModeGuest.Data + 4], 1);
            a.iretq();
            a.Label(ref second);
            a.@out(0xf4, al);
        });
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port == 0x98)
                _guest.Machine.Poll(PollBits.Nmi);
        };
        _guest.Machine.Poll(PollBits.Nmi);
        _guest.Run(static a => { Label l = a.CreateLabel(); a.Label(ref l); a.jmp(l); });
        _guest.Ram.Read<uint>(LongModeGuest.Data).Should().Be(2);
        _guest.Ram.Read<uint>(LongModeGuest.Data + 4).Should().Be(1, "the first handler was through when the second NMI came");
        _guest.State.NmiBlocked.Should().BeTrue();
    }

    [Fact]
    public void An_NMI_wakes_a_CPU_that_halted_with_interrupts_disabled()
    {
        _guest.Run(static a => { a.cli(); a.hlt(); }).Should().Be(CpuExit.HaltedForever);
        _guest.Machine.Poll(PollBits.Nmi);
        _guest.Machine.Run().Should().Be(CpuExit.Requested);
        _guest.Fault()!.Vector.Should().Be(2);
    }

    [Fact]
    public void Single_stepping_traps_behind_each_instruction()
    {
        _guest.Handler(1, 0x12000, static a =>
        {
            a.inc(r15);
            a.mov(r14, __[rsp]);
            a.iretq();
        });
        _guest.State.Rflags = 0x102;
        _guest.Run(static a => { a.mov(eax, 1); a.mov(ebx, 2); a.mov(ecx, 3); a.@out(0xf4, al); });
        _guest.State.Registers[15].Should().Be(3);
        _guest.State.Registers[14].Should().Be(LongModeGuest.CodeAt + 15);
        (_guest.State.DebugRegisters[6] & 0x4000).Should().NotBe(0);
    }

    [Fact]
    public void POPF_that_sets_TF_traps_behind_the_following_instruction()
    {
        _guest.Run(static a => { a.push(0x102); a.popfq(); a.mov(eax, 5); a.mov(eax, 6); a.@out(0xf4, al); });
        (_guest.Fault()!.Vector, _guest.State.Registers[0]).Should().Be((1, 5UL));
    }

    [Fact]
    public void Single_stepping_ends_a_HLT_and_does_not_follow_INT_into_its_handler()
    {
        _guest.State.Rflags = 0x102;
        _guest.Run(static a => a.hlt());
        (_guest.Fault()!.Vector, _guest.Fault()!.Rip).Should().Be((1, LongModeGuest.CodeAt + 1));

        _guest.State.Rflags = 0x102;
        _guest.Run(static a => a.@int(0x80));
        (_guest.Fault()!.Vector, _guest.Fault()!.Flags & 0x100).Should().Be((0x80, 0x100UL));
    }

    [Fact]
    public void Single_stepping_a_repeated_string_instruction_traps_behind_each_element()
    {
        _guest.Handler(1, 0x12000, static a => { a.inc(r15); a.iretq(); });
        _guest.State.Rflags = 0x102;
        _guest.State.Registers[1] = 5;
        _guest.State.Registers[7] = LongModeGuest.Data;
        _guest.Run(static a => { a.rep.stosb(); a.@out(0xf4, al); });
        _guest.State.Registers[15].Should().Be(5);
        _guest.State.Registers[1].Should().Be(0);
    }

    [Fact]
    public void IRET_to_user_code_drops_kernel_segments()
    {
        _guest.Machine.Code(LongModeGuest.UserCodeAt, 64, static a => { a.mov(eax, ds); a.mov(ebx, cs); a.@out(0xf4, al); });
        _guest.Run(static a =>
        {
            a.push(LongModeGuest.UserData);
            a.push((int)LongModeGuest.UserStackTop);
            a.push(0x3002);
            a.push(LongModeGuest.UserCode);
            a.push((int)LongModeGuest.UserCodeAt);
            a.iretq();
        });
        (_guest.State.Registers[0], _guest.State.Registers[3]).Should().Be((0UL, (ulong)LongModeGuest.UserCode));
    }

    [Theory]
    [InlineData(0x2b, 0x10, 0x10)]
    [InlineData(0x23, 0x23, 0x20)]
    [InlineData(0x00, 0x23, 0)]
    [InlineData(0x2b, 0x00, 0)]
    [InlineData(0xfb, 0x23, 0xf8)]
    public void IRET_refuses_bad_selectors_and_changes_nothing(int cs, int ss, uint error)
    {
        _guest.Run(a =>
        {
            a.push(ss);
            a.push((int)LongModeGuest.UserStackTop);
            a.push(0x2);
            a.push(cs);
            a.push((int)LongModeGuest.UserCodeAt);
            a.iretq();
        });
        FaultReport fault = _guest.Fault()!;
        (fault.Vector, fault.Error, fault.Rsp).Should().Be((13, error, LongModeGuest.StackTop - 40));
    }

    [Fact]
    public void IRET_to_an_address_that_is_not_canonical_faults_before_leaving()
    {
        _guest.Run(static a =>
        {
            a.push(LongModeGuest.UserData);
            a.push((int)LongModeGuest.UserStackTop);
            a.push(2);
            a.push(LongModeGuest.UserCode);
            a.mov(rax, 0x0000_8000_0000_0000UL);
            a.push(rax);
            a.iretq();
        });
        (_guest.Fault()!.Vector, _guest.Fault()!.Cs).Should().Be((13, LongModeGuest.KernelCode));
    }

    [Fact]
    public void Running_into_addresses_that_are_not_canonical_is_a_protection_fault()
    {
        _guest.Run(static a => { a.mov(rax, 0x0000_8000_0000_0000UL); a.jmp(rax); });
        (_guest.Fault()!.Vector, _guest.Fault()!.Error).Should().Be((13, 0u));
    }
}
