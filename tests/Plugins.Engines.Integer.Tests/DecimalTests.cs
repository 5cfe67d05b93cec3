using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

/// <summary>Decimal instructions by what they are for: arithmetic on decimal digits must come out as decimal arithmetic.</summary>
public sealed unsafe class DecimalTests : IDisposable
{
    private readonly TestCpu _cpu = TestCpu.Protected32();

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void Daa_makes_a_packed_sum()
    {
        for (int a = 0; a < 100; a++)
        {
            for (int b = 0; b < 100; b++)
            {
                Run(Packed(a), Packed(b), [0x00, 0xd8], [0x27]); // add al, bl; daa
                ((int)(byte)_cpu[Register.RAX]).Should().Be(Packed((a + b) % 100));
                Flags.Carry(_cpu.C).Should().Be(a + b > 99);
            }
        }
    }

    [Fact]
    public void Das_makes_a_packed_difference()
    {
        for (int a = 0; a < 100; a++)
        {
            for (int b = 0; b < 100; b++)
            {
                Run(Packed(a), Packed(b), [0x28, 0xd8], [0x2f]); // sub al, bl; das
                ((int)(byte)_cpu[Register.RAX]).Should().Be(Packed((a - b + 100) % 100));
                Flags.Carry(_cpu.C).Should().Be(a < b);
            }
        }
    }

    [Fact]
    public void Aaa_and_aas_carry_into_ah()
    {
        for (int a = 0; a < 10; a++)
        {
            for (int b = 0; b < 10; b++)
            {
                Run(0x500 + a, b, [0x00, 0xd8], [0x37]); // add al, bl; aaa
                ((int)(ushort)_cpu[Register.RAX]).Should().Be(a + b > 9 ? 0x600 + a + b - 10 : 0x500 + a + b);
                Flags.Carry(_cpu.C).Should().Be(a + b > 9);
                Run(0x500 + a, b, [0x28, 0xd8], [0x3f]); // sub al, bl; aas
                ((int)(ushort)_cpu[Register.RAX]).Should().Be(a < b ? 0x400 + a - b + 10 : 0x500 + a - b);
                Flags.Carry(_cpu.C).Should().Be(a < b);
            }
        }
    }

    [Fact]
    public void Aam_and_aad_are_opposites()
    {
        for (int value = 0; value < 100; value++)
        {
            _cpu[Register.RAX] = (ulong)value;
            _cpu.Step(0xd4, 10).Should().Be(StepResult.Next);
            ((int)(ushort)_cpu[Register.RAX]).Should().Be((value / 10 << 8) | (value % 10));
            _cpu.Step(0xd5, 10).Should().Be(StepResult.Next);
            ((int)(ushort)_cpu[Register.RAX]).Should().Be(value);
        }
    }

    [Fact]
    public void Aam_by_zero_is_a_division_error()
    {
        _cpu[Register.RAX] = 7;
        _cpu.ShouldFault(_cpu.Step(0xd4, 0), Vectors.DivideError);
        _cpu[Register.RAX].Should().Be(7);
    }

    private static int Packed(int value) => (value / 10 << 4) | (value % 10);

    private void Run(int ax, int bx, byte[] first, byte[] second)
    {
        _cpu[Register.RAX] = (ulong)ax;
        _cpu[Register.RBX] = (ulong)bx;
        _cpu.Step(first).Should().Be(StepResult.Next);
        _cpu.Step(second).Should().Be(StepResult.Next);
    }
}
