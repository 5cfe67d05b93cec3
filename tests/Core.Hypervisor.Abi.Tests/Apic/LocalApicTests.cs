using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Domains;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Apic;

public sealed class LocalApicTests : IDisposable
{
    private readonly Rig _rig = new(vcpus: 3);

    public LocalApicTests()
    {
        for (int vcpu = 0; vcpu < 3; vcpu++)
            Write(0xf0, 0x1ff, vcpu);
    }

    public void Dispose() => _rig.Dispose();

    private VcpuHost Host(int vcpu = 0) => _rig.Domain.Vcpus[vcpu].Host;

    private uint Read(int offset, int vcpu = 0) => (uint)Host(vcpu).ReadDevice(new GuestPhysical(0xfee0_0000 + (ulong)offset), 4);

    private void Write(int offset, uint value, int vcpu = 0) => Host(vcpu).WriteDevice(new GuestPhysical(0xfee0_0000 + (ulong)offset), 4, value);

    private int Acknowledge(int vcpu = 0) => Host(vcpu).AcknowledgeInterrupt();

    private void EnableX2(int vcpu = 0) => Host(vcpu).TryWriteMsr(0x1b, 0xfee0_0c00ul | (vcpu == 0 ? 0x100ul : 0)).Should().BeTrue();

    private void SelfInterrupt(byte vector) => Write(0x300, 0x4_0000u | vector);

    [Fact]
    public void Registers_say_what_they_are()
    {
        Read(0x20, vcpu: 2).Should().Be(4u << 24);
        Read(0x30).Should().Be(0x0005_0014);
        Read(0xe0).Should().Be(uint.MaxValue);
        foreach (int lvt in new[] { 0x320, 0x330, 0x340, 0x350, 0x360, 0x370 })
            Read(lvt).Should().Be(0x1_0000);
        Host().ReadDevice(new GuestPhysical(0xfee0_0031), 1).Should().Be(0);
        Host().ReadDevice(new GuestPhysical(0xfee0_0032), 1).Should().Be(5);
        Host().ReadDevice(new GuestPhysical(0xfee0_0034), 4).Should().Be(0);
    }

    [Fact]
    public void Higher_vectors_come_first_and_mask_lower_classes_until_they_end()
    {
        SelfInterrupt(0x41);
        SelfInterrupt(0x83);
        SelfInterrupt(0x81);
        Acknowledge().Should().Be(0x83);
        Read(0xa0).Should().Be(0x80, "the class in service is the processor's priority");
        (Read(0x100 + 0x40) & (1 << 3)).Should().NotBe(0);
        Acknowledge().Should().Be(-1, "the same class waits");
        SelfInterrupt(0x90);
        Acknowledge().Should().Be(0x90, "a higher class does not");
        Write(0xb0, 0);
        Acknowledge().Should().Be(-1);
        Write(0xb0, 0);
        Acknowledge().Should().Be(0x81);
        Write(0xb0, 0);
        Acknowledge().Should().Be(0x41);
        Write(0xb0, 0);
        Acknowledge().Should().Be(-1);
        Write(0xb0, 0);
    }

    [Fact]
    public void Task_priority_holds_back_and_lets_go()
    {
        Host().TaskPriority = 5;
        Read(0x80).Should().Be(0x50);
        SelfInterrupt(0x51);
        (Read(0x200 + 0x20) & (1u << 17)).Should().NotBe(0u);
        Acknowledge().Should().Be(-1);
        _rig.ClearEvents();
        Host().TaskPriority = 4;
        _rig.Leases[0].Bits.Should().HaveFlag(PollBits.Interrupt, "the engine must ask again");
        Acknowledge().Should().Be(0x51);
        Write(0x80, 0x3c);
        Host().TaskPriority.Should().Be(3);
    }

    [Fact]
    public void A_software_disabled_APIC_takes_nothing_from_others_and_masks_its_own()
    {
        Write(0x320, 0x40);
        Write(0xf0, 0xff);
        Read(0x320).Should().Be(0x1_0040);
        Write(0x320, 0x40);
        Read(0x320).Should().Be(0x1_0040, "the mask cannot be taken away");
        SelfInterrupt(0x60);
        Write(0xf0, 0x1ff);
        Acknowledge().Should().Be(-1);
    }

    [Fact]
    public void The_timer_counts_down_once()
    {
        Write(0x3e0, 0xb);
        Write(0x320, 0x40);
        Write(0x380, 1000);
        _rig.Advance(400);
        Read(0x390).Should().Be(600);
        Read(0x380).Should().Be(1000);
        Acknowledge().Should().Be(-1);
        _rig.Advance(600);
        Read(0x390).Should().Be(0);
        Acknowledge().Should().Be(0x40);
        Write(0xb0, 0);
        _rig.Advance(100_000);
        Acknowledge().Should().Be(-1);
    }

    [Theory]
    [InlineData(0x0u, 2)]
    [InlineData(0x3u, 16)]
    [InlineData(0x8u, 32)]
    [InlineData(0xau, 128)]
    [InlineData(0xbu, 1)]
    public void The_timers_divider_divides(uint configuration, int divisor)
    {
        Write(0x3e0, configuration);
        Write(0x320, 0x40);
        Write(0x380, 100);
        _rig.Advance((100 * divisor) - 1);
        Acknowledge().Should().Be(-1);
        _rig.Advance(1);
        Acknowledge().Should().Be(0x40);
    }

    [Fact]
    public void A_periodic_timer_repeats_until_it_is_stopped()
    {
        Write(0x3e0, 0xb);
        Write(0x320, 0x2_0040);
        Write(0x380, 1_000_000);
        for (int beat = 0; beat < 3; beat++)
        {
            _rig.Advance(1_000_000);
            Acknowledge().Should().Be(0x40);
            Write(0xb0, 0);
        }

        Write(0x380, 0);
        _rig.Advance(5_000_000);
        Acknowledge().Should().Be(-1);
    }

    [Fact]
    public void A_masked_timer_runs_in_silence()
    {
        Write(0x3e0, 0xb);
        Write(0x320, 0x1_0040);
        Write(0x380, 100);
        _rig.Advance(100);
        Acknowledge().Should().Be(-1);
        Read(0x390).Should().Be(0);
    }

    [Fact]
    public void Messages_reach_whom_they_address()
    {
        Write(0x310, 2u << 24);
        Write(0x300, 0x51);
        Acknowledge(1).Should().Be(0x51);
        Acknowledge(0).Should().Be(-1);
        _rig.Leases[1].Bits.Should().HaveFlag(PollBits.Interrupt);
        Read(0x300).Should().Be(0x51, "delivered: the status bit is clear");

        Write(0x300, 0xc_0052u);
        Acknowledge(0).Should().Be(-1);
        Acknowledge(1).Should().Be(-1, "0x51 is in service there and of the same class");
        Acknowledge(2).Should().Be(0x52);

        Write(0x310, 0xffu << 24);
        Write(0x300, 0x61);
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(0x61, 0x61, 0x61);
    }

    [Fact]
    public void Logical_destinations_are_flat_or_clustered()
    {
        for (int vcpu = 0; vcpu < 3; vcpu++)
            Write(0xd0, 1u << (24 + vcpu), vcpu);
        Write(0x310, 0b101u << 24);
        Write(0x300, 0x851);
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(0x51, -1, 0x51);

        for (int vcpu = 0; vcpu < 3; vcpu++)
        {
            Write(0xe0, 0, vcpu);
            Write(0xd0, (0x10u | (1u << vcpu)) << 24, vcpu);
        }

        Write(0x310, 0x16u << 24);
        Write(0x300, 0x861);
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(-1, 0x61, 0x61);
        Write(0x310, 0x26u << 24);
        Write(0x300, 0x871);
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(-1, -1, -1);
    }

    [Fact]
    public void The_lowest_priority_is_one_of_those_addressed()
    {
        Write(0x310, 0xffu << 24);
        Write(0x300, 0x151);
        Enumerable.Range(0, 3).Select(Acknowledge).Count(vector => vector == 0x51).Should().Be(1);
    }

    [Fact]
    public void NMI_messages_set_the_poll_bit()
    {
        Write(0x310, 4u << 24);
        Write(0x300, 0x400);
        _rig.Leases[2].Bits.Should().HaveFlag(PollBits.Nmi);
        _rig.Leases[1].Bits.Should().NotHaveFlag(PollBits.Nmi);
    }

    [Fact]
    public void Illegal_vectors_and_registers_show_in_the_error_status()
    {
        Write(0x280, 0);
        Write(0x280, 0);
        Read(0x280).Should().Be(0);
        SelfInterrupt(5);
        Read(0x280).Should().Be(0, "it is latched by a write");
        Write(0x280, 0);
        Read(0x280).Should().Be(1 << 5);
        Read(0x3f0);
        Write(0x280, 0);
        Read(0x280).Should().Be(1 << 7);
        Acknowledge().Should().Be(-1);
    }

    [Fact]
    public void X2_mode_uses_MSRs_and_no_page()
    {
        Host().TryReadMsr(0x802, out _).Should().BeFalse("not before it is enabled");
        EnableX2(1);
        Host(1).TryReadMsr(0x802, out ulong id).Should().BeTrue();
        id.Should().Be(2);
        Host(1).TryReadMsr(0x80d, out ulong logical).Should().BeTrue();
        logical.Should().Be(1u << 2);
        Host(1).ReadDevice(new GuestPhysical(0xfee0_0020), 4).Should().Be(uint.MaxValue);
        Host(1).TryWriteMsr(0x83f, 0x55).Should().BeTrue();
        Acknowledge(1).Should().Be(0x55);
        Host(1).TryWriteMsr(0x80b, 1).Should().BeFalse();
        Host(1).TryWriteMsr(0x80b, 0).Should().BeTrue();
        Host(1).TryWriteMsr(0x808, 0x20).Should().BeTrue();
        Host(1).TaskPriority.Should().Be(2);
    }

    [Theory]
    [InlineData(0x802u, 1ul)]
    [InlineData(0x803u, 1ul)]
    [InlineData(0x80au, 0ul)]
    [InlineData(0x80eu, 0ul)]
    [InlineData(0x831u, 0ul)]
    [InlineData(0x839u, 0ul)]
    [InlineData(0x828u, 1ul)]
    [InlineData(0x808u, 0x100ul)]
    [InlineData(0x80fu, 1ul << 32)]
    [InlineData(0x83fu, 0x100ul)]
    [InlineData(0x8ffu, 0ul)]
    public void Bad_writes_of_x2_registers_fault(uint msr, ulong value)
    {
        EnableX2();
        Host().TryWriteMsr(msr, value).Should().BeFalse();
    }

    [Theory]
    [InlineData(0x80bu)]
    [InlineData(0x83fu)]
    [InlineData(0x80eu)]
    [InlineData(0x831u)]
    [InlineData(0x8f0u)]
    public void Reads_of_absent_x2_registers_fault(uint msr)
    {
        EnableX2();
        Host().TryReadMsr(msr, out _).Should().BeFalse();
    }

    [Fact]
    public void X2_commands_are_64_bits_wide()
    {
        for (int vcpu = 0; vcpu < 3; vcpu++)
            EnableX2(vcpu);
        Host().TryWriteMsr(0x830, (4ul << 32) | 0x66).Should().BeTrue();
        Acknowledge(2).Should().Be(0x66);
        Acknowledge(1).Should().Be(-1);
        Host().TryReadMsr(0x830, out ulong command).Should().BeTrue();
        command.Should().Be((4ul << 32) | 0x66);
        Host().TryWriteMsr(0x830, ((0b10100ul) << 32) | 0x877).Should().BeTrue();
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(-1, 0x77, 0x77);
        Host().TryWriteMsr(0x830, (0xffff_fffful << 32) | 0x88).Should().BeTrue();
        Enumerable.Range(0, 3).Select(Acknowledge).Should().Equal(0x88, 0x88, 0x88);
    }

    [Fact]
    public void Modes_change_only_as_the_manual_has_it()
    {
        Host().TryReadMsr(0x1b, out ulong value).Should().BeTrue();
        value.Should().Be(0xfee0_0900, "boot processor, enabled");
        Host().TryWriteMsr(0x1b, 0xfee0_0500).Should().BeFalse("x2 without enable");
        Host().TryWriteMsr(0x1b, 0xfee1_0900).Should().BeFalse("the page does not move");
        Host().TryWriteMsr(0x1b, 0xfee0_0800).Should().BeFalse("the boot processor stays one");
        EnableX2();
        Host().TryWriteMsr(0x1b, 0xfee0_0900).Should().BeFalse("from x2 only by way of disabled");
        Host().TryWriteMsr(0x1b, 0xfee0_0100).Should().BeTrue();
        Read(0x20).Should().Be(uint.MaxValue, "a disabled APIC has no page");
        Host().TryWriteMsr(0x1b, 0xfee0_0d00).Should().BeFalse("not from disabled to x2");
        Host().TryWriteMsr(0x1b, 0xfee0_0900).Should().BeTrue();
        Read(0xf0).Should().Be(0xff, "it was reset");
    }

    [Fact]
    public void Odd_writes_to_the_page_are_ignored()
    {
        Host().WriteDevice(new GuestPhysical(0xfee0_0080), 1, 0x50);
        Host().WriteDevice(new GuestPhysical(0xfee0_0082), 4, 0x50);
        Read(0x80).Should().Be(0);
    }
}
