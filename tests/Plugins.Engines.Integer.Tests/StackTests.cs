using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class StackTests
{
    [Fact]
    public void Push_of_the_stack_pointer_stores_the_old_one()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Step(0x54).Should().Be(StepResult.Next);
        cpu.Memory.Value<ulong>(0x6ff8).Should().Be(TestCpu.StackTop);
        cpu[Register.RSP].Should().Be(0x6ff8);
    }

    [Fact]
    public void Pop_into_the_stack_pointer_keeps_the_popped_value()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.Value<ulong>(TestCpu.StackTop) = 0x1234_5678_9abc;
        cpu.Step(0x5c).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(0x1234_5678_9abc);
    }

    [Fact]
    public void Pop_to_memory_addresses_with_the_pointer_after_the_pop()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.Value<ulong>(TestCpu.StackTop) = 77;
        cpu.Step(0x8f, 0x44, 0x24, 0x10).Should().Be(StepResult.Next); // pop qword [rsp+16]
        cpu.Memory.Value<ulong>(TestCpu.StackTop + 8 + 16).Should().Be(77);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop + 8);
    }

    [Fact]
    public void A_pop_that_cannot_be_stored_leaves_the_pointer()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Map(0x9000, 5);
        cpu[Register.RBX] = 0x9010;
        cpu.ShouldFault(cpu.Step(0x8f, 0x03), Vectors.PageFault, 3);
        cpu.C->Cr2.Should().Be(0x9010);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
    }

    [Fact]
    public void A_real_mode_stack_wraps_at_64_KiB_and_keeps_the_upper_half_of_esp()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu[Register.RSP] = 0x1234_0000;
        cpu[Register.RAX] = 0xbeef;
        cpu.Step(0x50).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(0x1234_fffe);
        cpu.Memory.Value<ushort>(0xfffe).Should().Be(0xbeef);
    }

    [Fact]
    public void A_push_across_the_limit_is_a_stack_fault()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu[Register.RSP] = 1;
        cpu.ShouldFault(cpu.Step(0x50), Vectors.StackFault, 0);
        cpu[Register.RSP].Should().Be(1);
    }

    [Fact]
    public void Pusha_stores_the_old_pointer_and_popa_skips_it()
    {
        using TestCpu cpu = TestCpu.Protected32();
        for (int i = 0; i < 8; i++)
            cpu.C->Gpr[i] = i == 4 ? TestCpu.StackTop : (ulong)(0x1111_1111 * (i + 1));
        cpu.Step(0x60).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop - 32);
        cpu.Memory.Value<uint>(TestCpu.StackTop - 4).Should().Be(0x1111_1111);
        cpu.Memory.Value<uint>(TestCpu.StackTop - 20).Should().Be((uint)TestCpu.StackTop);
        cpu.Memory.Value<uint>(TestCpu.StackTop - 32).Should().Be(0x8888_8888);
        for (int i = 0; i < 8; i++)
        {
            if (i != 4)
                cpu.C->Gpr[i] = 0;
        }

        cpu.Memory.Value<uint>(TestCpu.StackTop - 20) = 0xdead;
        cpu.Step(0x61).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
        cpu[Register.RAX].Should().Be(0x1111_1111);
        cpu[Register.RDI].Should().Be(0x8888_8888);
    }

    [Fact]
    public void A_16_bit_pusha_stores_words()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu[Register.RAX] = 0xaaaa_1111;
        cpu[Register.RDI] = 0xbbbb_2222;
        cpu.Step(0x60).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop - 16);
        cpu.Memory.Value<ushort>(TestCpu.StackTop - 2).Should().Be(0x1111);
        cpu.Memory.Value<ushort>(TestCpu.StackTop - 16).Should().Be(0x2222);
    }

    [Fact]
    public void Enter_copies_the_display_and_leave_undoes_it()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu[Register.RBP] = 0x5000;
        cpu.Memory.Value<uint>(0x4ffc) = 0xaaaa;
        cpu.Memory.Value<uint>(0x4ff8) = 0xbbbb;
        cpu.Step(0xc8, 0x20, 0x00, 0x03).Should().Be(StepResult.Next); // enter 32, 3
        cpu.Memory.Value<uint>(0x6ffc).Should().Be(0x5000);
        cpu.Memory.Value<uint>(0x6ff8).Should().Be(0xaaaa);
        cpu.Memory.Value<uint>(0x6ff4).Should().Be(0xbbbb);
        cpu.Memory.Value<uint>(0x6ff0).Should().Be(0x6ffc);
        cpu[Register.RBP].Should().Be(0x6ffc);
        cpu[Register.RSP].Should().Be(0x6ff0 - 0x20);
        cpu.Step(0xc9).Should().Be(StepResult.Next);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
        cpu[Register.RBP].Should().Be(0x5000);
    }

    [Fact]
    public void Enter_into_a_missing_page_changes_nothing()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Map(0x5000, 0);
        cpu[Register.RBP] = 0x1234;
        cpu.ShouldFault(cpu.Step(0xc8, 0x00, 0x18, 0x00), Vectors.PageFault, 2); // enter 0x1800, 0
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
        cpu[Register.RBP].Should().Be(0x1234);
    }

    [Theory]
    [InlineData(0, 0u, 0x3000u | Bits.Interrupt)]
    [InlineData(3, 0u, 0u)]
    [InlineData(3, 0x3000u, 0x3000u | Bits.Interrupt)]
    public void Popf_changes_what_privilege_allows(int privilege, uint oldFlags, uint expected)
    {
        using TestCpu cpu = TestCpu.Protected32(privilege);
        cpu.C->SystemFlags = oldFlags;
        cpu.Memory.Value<uint>(TestCpu.StackTop) = 0x3000 | Bits.Interrupt | Bits.Carry | Bits.Direction | Bits.Virtual8086 | Bits.VirtualInterrupt | Bits.Resume;
        cpu.Step(0x9d).Should().Be((expected & Bits.Interrupt) != 0 ? StepResult.Leave : StepResult.Next);
        cpu.EFlags.Should().Be(expected | Bits.Fixed1 | Bits.Carry | Bits.Direction);
    }

    [Fact]
    public void A_16_bit_popf_leaves_the_upper_flags()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->SystemFlags = Bits.AlignmentCheck | Bits.Identification;
        cpu.Memory.Value<uint>(TestCpu.StackTop) = Bits.Zero;
        cpu.Step(0x66, 0x9d).Should().Be(StepResult.Next);
        cpu.EFlags.Should().Be(Bits.AlignmentCheck | Bits.Identification | Bits.Fixed1 | Bits.Zero);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop + 2);
    }

    [Fact]
    public void Popf_that_changes_ac_changes_what_a_kernel_may_touch()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.C->Cr4 |= Bits.Cr4Smap;
        cpu.Map(0x7000, 3); // the stack is the kernel's
        cpu.Map(0x6000, 3);
        cpu.Cpu.UpdateMode();
        cpu[Register.RBX] = 0x9000;
        cpu.ShouldFault(cpu.Step(0x8a, 0x03), Vectors.PageFault, 1);
        cpu.Memory.Value<ulong>(TestCpu.StackTop) = Bits.AlignmentCheck;
        cpu.Step(0x9d).Should().Be(StepResult.Next);
        cpu.Step(0x8a, 0x03).Should().Be(StepResult.Next);
    }

    [Theory]
    [InlineData(0x9c)]
    [InlineData(0x9d)]
    public void Virtual_8086_code_below_iopl_3_may_not_touch_flags(byte opcode)
    {
        using TestCpu cpu = TestCpu.Protected16();
        cpu.C->SystemFlags = Bits.Virtual8086 | 0x2000;
        cpu.Cpu.UpdateMode();
        cpu.ShouldFault(cpu.Step(opcode), Vectors.GeneralProtection, 0);
        cpu.C->SystemFlags = Bits.Virtual8086 | 0x3000;
        cpu.Step(opcode).Should().NotBe(StepResult.Fault);
        (cpu.C->SystemFlags & (Bits.Virtual8086 | 0x3000)).Should().Be(Bits.Virtual8086 | 0x3000);
    }

    [Fact]
    public void Pushf_hides_vm_and_rf()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->SystemFlags = Bits.Resume | Bits.Interrupt | Bits.Virtual8086 | 0x3000;
        cpu.Step(0x9c).Should().Be(StepResult.Next);
        cpu.Memory.Value<uint>(TestCpu.StackTop - 4).Should().Be(Bits.Interrupt | 0x3000 | Bits.Fixed1);
    }
}
