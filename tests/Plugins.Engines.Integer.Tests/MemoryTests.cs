using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class MemoryTests
{
    [Theory]
    [InlineData(new byte[] { 0x00, 0x03 })]             // add [rbx], al
    [InlineData(new byte[] { 0xf6, 0x13 })]             // not byte [rbx]
    [InlineData(new byte[] { 0xd0, 0x23 })]             // shl byte [rbx], 1
    [InlineData(new byte[] { 0x0f, 0xba, 0x2b, 0x05 })] // bts dword [rbx], 5
    [InlineData(new byte[] { 0x86, 0x03 })]             // xchg [rbx], al
    [InlineData(new byte[] { 0x0f, 0xc0, 0x03 })]       // xadd [rbx], al
    [InlineData(new byte[] { 0x0f, 0xb0, 0x0b })]       // cmpxchg [rbx], cl, which fails and still writes
    [InlineData(new byte[] { 0x0f, 0xc7, 0x0b })]       // cmpxchg8b [rbx]
    [InlineData(new byte[] { 0xf0, 0xff, 0x03 })]       // lock inc dword [rbx]
    public void A_read_modify_write_faults_as_a_write(byte[] code)
    {
        using TestCpu cpu = TestCpu.Long(privilege: 3);
        cpu.Map(0x9000, 5);
        cpu[Register.RBX] = 0x9008;
        cpu[Register.RAX] = 0x55;
        cpu.ShouldFault(cpu.Step(code), Vectors.PageFault, 7);
        cpu.C->Cr2.Should().Be(0x9008);
        cpu[Register.RAX].Should().Be(0x55);
        cpu.EFlags.Should().Be(Bits.Fixed1);
    }

    [Theory]
    [InlineData(new byte[] { 0x48, 0x01, 0x03 })]
    [InlineData(new byte[] { 0xf0, 0x48, 0x01, 0x03 })]
    public void An_operand_across_a_bad_page_is_not_half_written(byte[] code)
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Map(0xa000, 1);
        cpu[Register.RBX] = 0x9ffc;
        cpu[Register.RAX] = 0x1111_1111_1111_1111;
        cpu.ShouldFault(cpu.Step(code), Vectors.PageFault, 3);
        cpu.C->Cr2.Should().Be(0xa000);
        cpu.Memory.Value<uint>(0x9ffc).Should().Be(0);
        cpu.Map(0xa000, 7);
        cpu.Step(code).Should().Be(StepResult.Next);
        cpu.Memory.Value<ulong>(0x9ffc).Should().Be(0x1111_1111_1111_1111);
    }

    [Fact]
    public void Device_space_is_read_and_written_once()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Host.DeviceValue = 0x10;
        cpu[Register.RBX] = TestCpu.Device + 4;
        cpu.Step(0x83, 0x0b, 0x03).Should().Be(StepResult.Next); // or dword [rbx], 3
        cpu.Host.Accesses.Should().Equal("read 4 at 0x30000004", "write 4 at 0x30000004");
        cpu.Host.DeviceValue.Should().Be(0x13);
    }

    [Fact]
    public void Sixteen_bit_addresses_wrap_in_their_segment()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu.C->Ds.Base = 0x10000;
        cpu[Register.RBX] = 0x1234_ffff;
        cpu[Register.RSI] = 3;
        cpu.Memory.Value<ushort>(0x10002) = 0xbabe;
        cpu.Step(0x8b, 0x00).Should().Be(StepResult.Next); // mov ax, [bx+si]
        ((ushort)cpu[Register.RAX]).Should().Be(0xbabe);
        cpu.Step(0x8d, 0x40, 0xff).Should().Be(StepResult.Next); // lea ax, [bx+si-1]
        ((ushort)cpu[Register.RAX]).Should().Be(1);
    }

    [Fact]
    public void A_word_at_the_end_of_a_real_mode_segment_does_not_fit()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu.ShouldFault(cpu.Step(0xa1, 0xff, 0xff), Vectors.GeneralProtection, 0); // mov ax, [0xffff]
        cpu.Step(0xa0, 0xff, 0xff).Should().Be(StepResult.Next);                   // mov al, [0xffff]
    }

    [Theory]
    [InlineData(0xc91, 0xffff_ffff, 0x9000, true)]  // read-only data
    [InlineData(0xc93, 0x8fff, 0x9000, true)]       // beyond the limit
    [InlineData(0xc93, 0x9003, 0x9000, false)]      // the last doubleword
    [InlineData(0xc97, 0x8fff, 0x9000, false)]      // expand-down: above the limit
    [InlineData(0xc97, 0x9000, 0x9000, true)]
    [InlineData(0xc9b, 0xffff_ffff, 0x9000, true)]  // code
    [InlineData(0, 0xffff_ffff, 0x9000, true)]      // null
    public void Segments_are_checked_on_writes(ushort attributes, uint limit, ulong address, bool faults)
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->Ds.Attributes = attributes;
        cpu.C->Ds.Limit = limit;
        cpu[Register.RBX] = address;
        StepResult result = cpu.Step(0xff, 0x03); // inc dword [ebx]
        if (faults)
            cpu.ShouldFault(result, Vectors.GeneralProtection, 0);
        else
            result.Should().Be(StepResult.Next);
        cpu.Memory.Value<uint>(0x9000).Should().Be(faults ? 0u : 1u);
    }

    [Fact]
    public void A_displacement_alone_is_sign_extended_in_64_bit_code()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Step(0x48, 0x8d, 0x04, 0x25, 0x00, 0x00, 0x00, 0x80).Should().Be(StepResult.Next); // lea rax, [-0x80000000]
        cpu[Register.RAX].Should().Be(0xffff_ffff_8000_0000);
        cpu.Step(0x67, 0x48, 0x8d, 0x04, 0x25, 0x00, 0x00, 0x00, 0x80).Should().Be(StepResult.Next);
        cpu[Register.RAX].Should().Be(0x8000_0000);
    }

    [Fact]
    public void Non_canonical_addresses_fault_by_segment()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu[Register.RBX] = cpu[Register.RBP] = 0x8000_0000_0000;
        cpu.ShouldFault(cpu.Step(0x8a, 0x03), Vectors.GeneralProtection, 0);
        cpu.ShouldFault(cpu.Step(0x8a, 0x45, 0x00), Vectors.StackFault, 0);
    }

    [Fact]
    public void Bit_strings_reach_before_and_behind_their_base()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu[Register.RBX] = 0x9000;
        cpu[Register.RAX] = unchecked((uint)-1);
        cpu.Step(0x0f, 0xab, 0x03).Should().Be(StepResult.Next);
        cpu.Memory.Value<uint>(0x8ffc).Should().Be(0x8000_0000);
        cpu[Register.RAX] = 70;
        cpu.Step(0x0f, 0xab, 0x03).Should().Be(StepResult.Next);
        cpu.Memory.Value<uint>(0x9008).Should().Be(1 << 6);
        cpu.Step(0x0f, 0xba, 0x23, 70).Should().Be(StepResult.Next); // bt dword [ebx], 70: an immediate stays in the word
        Flags.Carry(cpu.C).Should().BeFalse();
    }

    [Fact]
    public void Cmpxchg16b_insists_on_alignment()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu[Register.RBX] = 0x9008;
        cpu.ShouldFault(cpu.Step(0x48, 0x0f, 0xc7, 0x0b), Vectors.GeneralProtection, 0);
    }

    [Fact]
    public void Flushing_a_line_faults_where_a_read_would()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Map(0x9000, 0);
        cpu[Register.RBX] = 0x9000;
        cpu.ShouldFault(cpu.Step(0x0f, 0xae, 0x3b), Vectors.PageFault, 0); // clflush [rbx]
        cpu.Step(0x0f, 0x18, 0x0b).Should().Be(StepResult.Next);          // prefetcht0 [rbx] never faults
    }
}
