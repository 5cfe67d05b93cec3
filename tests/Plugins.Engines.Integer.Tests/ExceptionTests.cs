using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class ExceptionTests
{
    [Theory]
    [InlineData(new byte[] { 0xf6, 0xf3 }, 0x0100, 0, 1, true)]            // div bl: 256 / 1
    [InlineData(new byte[] { 0xf6, 0xf3 }, 0x00ff, 0, 1, false)]
    [InlineData(new byte[] { 0xf6, 0xfb }, 0x0080, 0, 1, true)]            // idiv bl: 128 / 1
    [InlineData(new byte[] { 0xf6, 0xfb }, 0xff80, 0, 1, false)]           // -128 / 1
    [InlineData(new byte[] { 0xf6, 0xfb }, 0xff80, 0, 0xff, true)]         // -128 / -1
    [InlineData(new byte[] { 0x66, 0xf7, 0xf3 }, 0, 5, 5, true)]
    [InlineData(new byte[] { 0x66, 0xf7, 0xf3 }, 0xffff, 4, 5, false)]
    [InlineData(new byte[] { 0xf7, 0xf3 }, 0, 5, 5, true)]
    [InlineData(new byte[] { 0xf7, 0xfb }, 0x8000_0000, 0xffff_ffff, 0xffff_ffff, true)]
    [InlineData(new byte[] { 0xf7, 0xfb }, 0x8000_0001, 0xffff_ffff, 0xffff_ffff, false)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xf3 }, 0, 7, 7, true)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xf3 }, ulong.MaxValue, 6, 7, false)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xfb }, 0x8000_0000_0000_0000, ulong.MaxValue, ulong.MaxValue, true)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xfb }, 0, 0x8000_0000_0000_0000, ulong.MaxValue, true)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xf3 }, 1, 0, 0, true)]
    [InlineData(new byte[] { 0x48, 0xf7, 0xfb }, 1, 0, 0, true)]
    public void Division_errors_are_exactly_those_that_do_not_fit(byte[] code, ulong rax, ulong rdx, ulong rbx, bool faults)
    {
        using TestCpu cpu = TestCpu.Long();
        (cpu[Register.RAX], cpu[Register.RDX], cpu[Register.RBX]) = (rax, rdx, rbx);
        StepResult result = cpu.Step(code);
        if (!faults)
        {
            result.Should().Be(StepResult.Next);
            return;
        }

        cpu.ShouldFault(result, Vectors.DivideError);
        cpu[Register.RAX].Should().Be(rax);
        cpu[Register.RDX].Should().Be(rdx);
    }

    [Fact]
    public void Wide_division_gives_quotient_and_remainder()
    {
        using TestCpu cpu = TestCpu.Long();
        (cpu[Register.RAX], cpu[Register.RDX], cpu[Register.RBX]) = (5, 3, 10);
        cpu.Step(0x48, 0xf7, 0xf3).Should().Be(StepResult.Next);
        UInt128 dividend = new(3, 5);
        cpu[Register.RAX].Should().Be((ulong)(dividend / 10));
        cpu[Register.RDX].Should().Be((ulong)(dividend % 10));
        (cpu[Register.RAX], cpu[Register.RDX], cpu[Register.RBX]) = (ulong.MaxValue - 6, ulong.MaxValue, 2);
        cpu.Step(0x48, 0xf7, 0xfb).Should().Be(StepResult.Next); // idiv: -7 / 2
        cpu[Register.RAX].Should().Be(unchecked((ulong)-3));
        cpu[Register.RDX].Should().Be(ulong.MaxValue);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(-5, true)]
    public void Bound_checks_signed_limits(int index, bool faults)
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.Memory.Value<int>(0x9000) = -4;
        cpu.Memory.Value<int>(0x9004) = 9;
        cpu[Register.RBX] = 0x9000;
        cpu[Register.RAX] = (uint)index;
        StepResult result = cpu.Step(0x62, 0x03);
        if (faults)
            cpu.ShouldFault(result, Vectors.BoundRange);
        else
            result.Should().Be(StepResult.Next);
    }

    [Theory]
    [InlineData(new byte[] { 0x0f, 0x0b })]
    [InlineData(new byte[] { 0x0f, 0xb9, 0xc0 })]
    [InlineData(new byte[] { 0x0f, 0xff, 0xc0 })]
    [InlineData(new byte[] { 0xf0, 0x01, 0xc0 })] // LOCK without memory
    [InlineData(new byte[] { 0xf0, 0x89, 0x03 })] // LOCK on a MOV
    public void Undefined_instructions(byte[] code)
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.ShouldFault(cpu.Step(code), Vectors.InvalidOpcode);
    }

    [Fact]
    public void Bit_manipulation_needs_protected_mode()
    {
        using TestCpu real = TestCpu.Real();
        real.ShouldFault(real.Step(0xc4, 0xe2, 0x70, 0xf2, 0xc2), Vectors.InvalidOpcode); // andn eax, ecx, edx
        using TestCpu flat = TestCpu.Protected32();
        flat.Step(0xc4, 0xe2, 0x70, 0xf2, 0xc2).Should().Be(StepResult.Next);
    }
}
