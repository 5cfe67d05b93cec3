using Hospes.Engines.Integer.Tests.Support;
using Hospes.Engines.Translator;
using Hospes.Sdk.Engines;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class StringTests
{
    private static readonly byte[] RepMovsb = [0xf3, 0xa4];
    private static readonly byte[] RepStosq = [0xf3, 0x48, 0xab];

    [Fact]
    public void A_long_copy_pauses_at_a_page_when_something_waits_and_resumes()
    {
        using TestCpu cpu = TestCpu.Long();
        new Random(1).NextBytes(cpu.Memory.At(0x10000, 0x4000));
        Set(cpu, 0x10800, 0x20000, 0x3000);
        cpu.Poll = 2;
        cpu.Step(RepMovsb).Should().Be(StepResult.Leave);
        cpu.C->Rip.Should().Be(TestCpu.CodeAddress);
        cpu[Register.RCX].Should().Be(0x2800);
        cpu[Register.RSI].Should().Be(0x11000);
        cpu[Register.RDI].Should().Be(0x20800);
        cpu.Poll = 0;
        cpu.StepHere(RepMovsb).Should().Be(StepResult.Next);
        cpu[Register.RCX].Should().Be(0);
        cpu.Memory.At(0x20000, 0x3000).SequenceEqual(cpu.Memory.At(0x10800, 0x3000)).Should().BeTrue();
    }

    [Theory]
    [InlineData(0x12000, 0x20000, 0x12000)] // the source ends
    [InlineData(0x10000, 0x22000, 0x24000)] // the destination ends
    public void A_copy_that_faults_stands_at_the_element(ulong source, ulong destination, ulong missing)
    {
        using TestCpu cpu = TestCpu.Long(privilege: 3);
        missing = missing == 0x12000 ? 0x13000 : missing;
        cpu.Map(missing, 0);
        Set(cpu, source + 0xff0, destination + 0x10, 0x5000);
        cpu.Memory.At(0x10000, 0x10000).Fill(0x5a);
        StepResult result = cpu.Step(RepMovsb);
        bool atSource = missing == 0x13000;
        cpu.ShouldFault(result, Vectors.PageFault, atSource ? 4u : 6u);
        ulong done = atSource ? missing - (source + 0xff0) : missing - (destination + 0x10);
        cpu.C->Cr2.Should().Be(missing);
        cpu[Register.RCX].Should().Be(0x5000 - done);
        cpu[Register.RSI].Should().Be(source + 0xff0 + done);
        cpu[Register.RDI].Should().Be(destination + 0x10 + done);
        cpu.Memory.Value<byte>(destination + 0x10 + done - 1).Should().Be(0x5a);
        cpu.Map(missing, 7);
        cpu.StepHere(RepMovsb).Should().Be(StepResult.Next);
        cpu[Register.RCX].Should().Be(0);
    }

    [Fact]
    public void An_overlapping_copy_upwards_repeats_the_start()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.Value<uint>(0x10000) = 0x44332211;
        Set(cpu, 0x10000, 0x10003, 0x100);
        cpu.Step(RepMovsb).Should().Be(StepResult.Next);
        for (int i = 0; i < 0x103; i++)
            cpu.Memory.Value<byte>(0x10000 + (ulong)i).Should().Be((byte)(0x11 * (1 + (i % 3))));
    }

    [Fact]
    public void Aliased_pages_overlap_too()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.Value<ulong>(0x1f_3000 + (0x11 * 8)) = 0x10000 | 7; // page 0x11000 shows 0x10000
        cpu.Cpu.Memory.FlushAll();
        cpu.Memory.Value<byte>(0x10000) = 0x77;
        Set(cpu, 0x10000, 0x11001, 0x80);
        cpu.Step(RepMovsb).Should().Be(StepResult.Next);
        cpu.Memory.At(0x10000, 0x81).IndexOfAnyExcept((byte)0x77).Should().Be(-1);
    }

    [Fact]
    public void A_copy_downwards_uses_its_last_element_first()
    {
        using TestCpu cpu = TestCpu.Long();
        for (int i = 0; i < 16; i++)
            cpu.Memory.Value<byte>(0x10ff8 + (ulong)i) = (byte)i;
        Set(cpu, 0x11007, 0x11009, 16);
        cpu.C->SystemFlags |= Bits.Direction;
        cpu.Step(RepMovsb).Should().Be(StepResult.Next);
        for (int i = 0; i < 16; i++)
            cpu.Memory.Value<byte>(0x10ffa + (ulong)i).Should().Be((byte)i);
        cpu[Register.RSI].Should().Be(0x10ff7);
    }

    [Fact]
    public void Sixteen_bit_pointers_wrap_and_segments_are_overridden()
    {
        using TestCpu cpu = TestCpu.Real();
        cpu.C->Gpr[CpuContext.FsBaseSlot] = 0x20000;
        cpu.C->Es.Base = 0x40000;
        cpu.Memory.Value<byte>(0x2fffe) = 1;
        cpu.Memory.Value<byte>(0x2ffff) = 2;
        cpu.Memory.Value<byte>(0x20000) = 3;
        Set(cpu, 0xaaaa_fffe, 0xbbbb_0010, 0xcccc_0003);
        cpu.Step(0xf3, 0x64, 0xa4).Should().Be(StepResult.Next); // rep movsb es:[di], fs:[si]
        cpu.Memory.At(0x40010, 3).ToArray().Should().Equal(1, 2, 3);
        cpu[Register.RSI].Should().Be(0xaaaa_0001);
        cpu[Register.RDI].Should().Be(0xbbbb_0013);
        cpu[Register.RCX].Should().Be(0xcccc_0000);
    }

    [Fact]
    public void Single_stepping_stops_after_every_element()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.C->SystemFlags |= Bits.Trap;
        Set(cpu, 0, 0x10000, 2);
        cpu[Register.RAX] = 0x1122_3344_5566_7788;
        cpu.Step(RepStosq).Should().Be(StepResult.Leave);
        cpu.C->Rip.Should().Be(TestCpu.CodeAddress);
        cpu[Register.RCX].Should().Be(1);
        cpu.StepHere(RepStosq).Should().Be(StepResult.Next);
        cpu.C->Rip.Should().Be(TestCpu.CodeAddress + 3);
    }

    [Fact]
    public void A_fill_of_several_pages_is_exact_at_both_ends()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.At(0x10000, 0x5000).Fill(0xee);
        cpu[Register.RAX] = 0x0102_0304_0506_0708;
        Set(cpu, 0, 0x10ffd, 0x600);
        cpu.Step(RepStosq).Should().Be(StepResult.Next);
        cpu.Memory.Value<byte>(0x10ffc).Should().Be(0xee);
        cpu.Memory.Value<byte>(0x10ffd + 0x3000).Should().Be(0xee);
        for (ulong i = 0; i < 0x600; i++)
            cpu.Memory.Value<ulong>(0x10ffd + (i * 8)).Should().Be(0x0102_0304_0506_0708);
    }

    [Fact]
    public void A_fill_of_device_space_goes_by_elements()
    {
        using TestCpu cpu = TestCpu.Long();
        Set(cpu, 0, TestCpu.Device, 3);
        cpu.Step(0xf3, 0xab).Should().Be(StepResult.Next); // rep stosd
        cpu.Host.Accesses.Should().Equal("write 4 at 0x30000000", "write 4 at 0x30000004", "write 4 at 0x30000008");
    }

    [Fact]
    public void A_write_to_code_is_announced()
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Machine.CodePages.Add(0x11);
        Set(cpu, 0, 0x10000, 0x600);
        cpu.Step(RepStosq).Should().Be(StepResult.Leave, "the request to forget the code is waiting");
        cpu[Register.RDI].Should().Be(0x12000);
        (cpu.Poll & (uint)PollBits.Engine).Should().NotBe(0, "what was written is noted after the write, before the next block");
        cpu.Poll = 0;
        cpu.StepHere(RepStosq).Should().Be(StepResult.Next);
        cpu[Register.RDI].Should().Be(0x13000);
    }

    [Theory]
    [InlineData(0xf3, 2, true)]  // repe: up to the difference
    [InlineData(0xf2, 0, false)] // repne: up to the first equality
    public void A_repeated_comparison_ends_where_it_should(byte prefix, int left, bool below)
    {
        using TestCpu cpu = TestCpu.Long();
        cpu.Memory.At(0x10000, 4).Clear();
        cpu.Memory.Value<uint>(0x10000) = 0x03_02_02_01;
        cpu.Memory.Value<uint>(0x20000) = 0x03_03_02_01;
        Set(cpu, 0x10000, 0x20000, prefix == 0xf3 ? 5u : 1u);
        cpu.Step(prefix, 0xa6).Should().Be(StepResult.Next);
        cpu[Register.RCX].Should().Be((ulong)left);
        Flags.Carry(cpu.C).Should().Be(below);
        Flags.Zero(cpu.C).Should().Be(!below);
    }

    [Fact]
    public void A_repetition_of_nothing_touches_nothing()
    {
        using TestCpu cpu = TestCpu.Long();
        Set(cpu, 0x0dead_0000, 0xdead_0000_0000_0000, 0);
        Flags.SetArithmetic(cpu.C, Bits.Carry | Bits.Zero);
        cpu.Step(0xf3, 0xa6).Should().Be(StepResult.Next);
        cpu.Step(RepMovsb).Should().Be(StepResult.Next);
        (cpu.EFlags & Bits.Arithmetic).Should().Be(Bits.Carry | Bits.Zero);
    }

    [Fact]
    public void A_segment_limit_inside_a_copy_faults_at_the_element()
    {
        using TestCpu cpu = TestCpu.Protected32();
        cpu.C->Es.Limit = 0x20fff;
        Set(cpu, 0x10000, 0x20ff0, 0x40);
        cpu.ShouldFault(cpu.Step(RepMovsb), Vectors.GeneralProtection, 0);
        cpu[Register.RCX].Should().Be(0x30);
        cpu[Register.RDI].Should().Be(0x21000);
    }

    private static void Set(TestCpu cpu, ulong source, ulong destination, ulong count)
    {
        cpu[Register.RSI] = source;
        cpu[Register.RDI] = destination;
        cpu[Register.RCX] = count;
    }
}
