using Hospes.Engines.Integer.Tests.Support;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

/// <summary>Two CPUs of one machine change the same memory with locked instructions; nothing may be lost.</summary>
public sealed unsafe class AtomicTests
{
    private const int Rounds = 20_000;

    [Theory]
    [InlineData(0x9000ul, new byte[] { 0xf0, 0x48, 0xff, 0x03 })]       // lock inc qword [rbx]
    [InlineData(0x9001ul, new byte[] { 0xf0, 0x48, 0x01, 0x03 })]       // lock add [rbx], rax, misaligned
    [InlineData(0x9ffcul, new byte[] { 0xf0, 0x48, 0xff, 0x03 })]       // across pages
    public void Locked_additions_are_not_lost(ulong address, byte[] code)
    {
        using TestCpu first = TestCpu.Long();
        using TestCpu second = first.Sibling();
        Both(first, second, cpu =>
        {
            cpu[Register.RBX] = address;
            cpu[Register.RAX] = 1;
            for (int i = 0; i < Rounds; i++)
                cpu.Step(code);
        });
        first.Memory.Value<ulong>(address).Should().Be(2 * Rounds);
    }

    [Fact]
    public void Sixteen_byte_exchanges_are_not_lost()
    {
        using TestCpu first = TestCpu.Long();
        using TestCpu second = first.Sibling();
        Both(first, second, cpu =>
        {
            cpu[Register.RSI] = 0x9000;
            for (int i = 0; i < Rounds;)
            {
                cpu[Register.RBX] = cpu[Register.RAX] + 1;
                cpu[Register.RCX] = cpu[Register.RDX] + 3;
                cpu.Step(0xf0, 0x48, 0x0f, 0xc7, 0x0e); // lock cmpxchg16b [rsi]
                if (Translator.State.Flags.Zero(cpu.C))
                    i++;
            }
        });
        first.Memory.Value<ulong>(0x9000).Should().Be(2 * Rounds);
        first.Memory.Value<ulong>(0x9008).Should().Be(6 * Rounds);
    }

    [Fact]
    public void An_exchange_passes_every_value_on_once()
    {
        using TestCpu first = TestCpu.Long();
        using TestCpu second = first.Sibling();
        ulong[] sums = new ulong[2];
        Both(first, second, cpu =>
        {
            int me = cpu == first ? 0 : 1;
            cpu[Register.RBX] = 0x9000;
            for (int i = 1; i <= Rounds; i++)
            {
                cpu[Register.RAX] = (ulong)i;
                cpu.Step(0x48, 0x87, 0x03); // xchg [rbx], rax: atomic without LOCK
                sums[me] += cpu[Register.RAX];
            }
        });
        (sums[0] + sums[1] + first.Memory.Value<ulong>(0x9000)).Should().Be((ulong)Rounds * (Rounds + 1));
    }

    private static void Both(TestCpu first, TestCpu second, Action<TestCpu> work)
    {
        using var start = new Barrier(2);
        Exception? failure = null;
        var other = new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(second);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        other.Start();
        start.SignalAndWait();
        work(first);
        other.Join();
        failure.Should().BeNull();
    }
}
