using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class BranchTests
{
    [Fact]
    public void Targets_wrap_at_64_KiB_in_16_bit_code()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu.Step(0xe9, 0x00, 0x80).Should().Be(StepResult.Leave); // jmp +0x8000
        cpu.C->Rip.Should().Be(3);
    }

    [Fact]
    public void A_call_beyond_the_code_segment_pushes_nothing()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->Cs.Limit = 0xffff;
        cpu.ShouldFault(cpu.Step(0xe8, 0x00, 0x00, 0x01, 0x00), Vectors.GeneralProtection, 0);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
        cpu.Memory.Value<uint>(TestCpu.StackTop - 4).Should().Be(0);
    }

    [Fact]
    public void A_call_without_stack_does_not_jump()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Map(0x6000, 0);
        cpu.ShouldFault(cpu.Step(0xe8, 0x00, 0x01, 0x00, 0x00), Vectors.PageFault, 2);
        cpu.C->Cr2.Should().Be(0x6ff8);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
    }

    [Fact]
    public void Call_and_return_with_arguments()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.Step(0xe8, 0x00, 0x01, 0x00, 0x00).Should().Be(StepResult.Leave);
        cpu.C->Rip.Should().Be(TestCpu.CodeAddress + 5 + 0x100);
        cpu.StepHere(0xc2, 0x0c, 0x00).Should().Be(StepResult.Leave); // ret 12
        cpu.C->Rip.Should().Be(TestCpu.CodeAddress + 5);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop + 12);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xe0 })] // jmp rax
    [InlineData(new byte[] { 0xff, 0xd0 })] // call rax
    [InlineData(new byte[] { 0xc3 })]       // ret
    public void Non_canonical_targets_fault_at_the_branch(byte[] code)
    {
        using TestCpu cpu = TestCpu.Long();
        cpu[Register.RAX] = 0x8000_0000_0000_0000;
        cpu.Memory.Value<ulong>(TestCpu.StackTop) = 0x8000_0000_0000_0000;
        cpu.ShouldFault(cpu.Step(code), Vectors.GeneralProtection, 0);
        cpu[Register.RSP].Should().Be(TestCpu.StackTop);
    }

    [Fact]
    public void Loops_count_in_the_register_of_the_address_size()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu[Register.RCX] = 0x0001_0001;
        cpu.Step(0x67, 0xe2, 0x10).Should().Be(StepResult.Next); // loop with cx: 1 to 0 falls through
        cpu[Register.RCX].Should().Be(0x0001_0000);
        cpu.Step(0x67, 0xe3, 0x10).Should().Be(StepResult.Leave); // jcxz
        cpu.Step(0xe3, 0x10).Should().Be(StepResult.Next);        // jecxz
        cpu.Step(0xe2, 0x10).Should().Be(StepResult.Leave);       // loop with ecx
        cpu[Register.RCX].Should().Be(0xffff);
    }

    [Fact]
    public void A_loop_to_nowhere_keeps_its_count()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->Cs.Limit = 0x8010;
        cpu[Register.RCX] = 5;
        cpu.ShouldFault(cpu.Step(0xe2, 0x40), Vectors.GeneralProtection, 0);
        cpu[Register.RCX].Should().Be(5);
    }

    [Fact]
    public void Targets_are_relative_to_where_the_code_runs()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.C->Rip = 0x9_0000;
        cpu.StepHere(0xeb, 0xfe).Should().Be(StepResult.Leave); // jmp to itself
        cpu.C->Rip.Should().Be(0x9_0000);
        cpu.StepHere(0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00).Should().Be(StepResult.Next); // lea rax, [rip+16]
        cpu[Register.RAX].Should().Be(0x9_0000 + 7 + 16);
    }
}
