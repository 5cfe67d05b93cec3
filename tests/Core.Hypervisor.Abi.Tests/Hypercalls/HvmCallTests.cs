using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

public sealed class HvmCallTests : IDisposable
{
    private const ushort Self = 0x7ff0;
    private readonly Rig _rig = new(vcpus: 2);

    public void Dispose() => _rig.Dispose();

    private long Set(uint index, ulong value, ushort domain = Self) => _rig.CallAt(34, 0, [.. Rig.Bytes(domain, index), .. Rig.Words(value)]);

    private long Get(uint index, out ulong value, ushort domain = Self)
    {
        long result = _rig.CallAt(34, 1, [.. Rig.Bytes(domain, index), .. Rig.Words(ulong.MaxValue)]);
        value = _rig.Get<ulong>(Rig.Scratch + 8);
        return result;
    }

    private void SetUpcallVector(uint vcpu, byte vector, long expected = 0) => _rig.CallAt(34, 23, Rig.Bytes(vcpu, vector)).Should().Be(expected);

    [Fact]
    public void The_guest_finds_its_store_and_its_console()
    {
        Get(1, out ulong value).Should().Be(0);
        value.Should().Be(Rig.StoreFrame.Number);
        Get(2, out value).Should().Be(0);
        value.Should().Be(_rig.Domain.StorePort.Value).And.NotBe(0);
        Get(17, out value).Should().Be(0);
        value.Should().Be(Rig.ConsoleFrame.Number);
        Get(18, out value).Should().Be(0);
        value.Should().Be(_rig.Domain.ConsolePort.Value).And.NotBe(0).And.NotBe(_rig.Domain.StorePort.Value);
    }

    [Fact]
    public void Private_parameters_and_other_domains_are_refused()
    {
        Get(5, out ulong value).Should().Be(-1);
        value.Should().Be(ulong.MaxValue, "nothing is written on failure");
        Get(39, out _).Should().Be(-22);
        Get(uint.MaxValue, out _).Should().Be(-22);
        Get(1, out _, domain: 0).Should().Be(-1);
        Set(1, 5).Should().Be(-1);
        Set(39, 5).Should().Be(-22);
        Set(0, 5, domain: 1).Should().Be(-1);
        _rig.CallAt(34, 9, Rig.Words(Self, 0)).Should().Be(-38);
    }

    [Fact]
    public void A_vector_callback_delivers_until_the_guest_has_looked()
    {
        uint port = _rig.Event(7, 4, 0, 0);
        _rig.Unmask(port);
        _rig.Event(4, port).Should().Be(0);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1, "the guest has not said how it wants to be told");
        Set(0, (2ul << 56) | 0xf3).Should().Be(0);
        _rig.Leases[0].Bits.Should().HaveFlag(PollBits.Interrupt, "what was pending is delivered now");
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(0xf3);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(0xf3);
        _rig.SharedByte(0) = 0;
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1);
        Get(0, out ulong value).Should().Be(0);
        value.Should().Be((2ul << 56) | 0xf3);
    }

    [Theory]
    [InlineData(0x0000_0000_0000_0009ul)]
    [InlineData(0x0100_0000_0000_1101ul)]
    public void Line_callbacks_are_accepted_and_deliver_nothing_here(ulong via)
    {
        Set(0, (2ul << 56) | 0xf3).Should().Be(0);
        Set(0, via).Should().Be(0);
        _rig.SharedByte(0) = 1;
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1);
    }

    [Fact]
    public void An_upcall_vector_goes_through_the_local_APIC()
    {
        _rig.Vcpu.Host.WriteDevice(new(0xfee0_00f0), 4, 0x1ff);
        Set(0, (2ul << 56) | 0xf3).Should().Be(0);
        SetUpcallVector(0, 0x93);
        uint port = _rig.Event(7, 4, 0, 0);
        _rig.Unmask(port);
        _rig.Event(4, port);
        _rig.Leases[0].Bits.Should().HaveFlag(PollBits.Interrupt);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(0x93);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1, "it is in service, and edge-triggered");

        // The guest takes the events, is sent another, and ends the interrupt.
        _rig.ClearEvents();
        _rig.Event(4, port);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1);
        _rig.Vcpu.Host.WriteDevice(new(0xfee0_00b0), 4, 0);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(0x93);
    }

    [Fact]
    public void An_event_before_the_APIC_is_enabled_is_delivered_once_it_is()
    {
        SetUpcallVector(0, 0x93);
        uint port = _rig.Event(7, 4, 0, 0);
        _rig.Unmask(port);
        _rig.Event(4, port);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(-1);
        _rig.Vcpu.Host.WriteDevice(new(0xfee0_00f0), 4, 0x1ff);
        _rig.Vcpu.Host.AcknowledgeInterrupt().Should().Be(0x93);
    }

    [Fact]
    public void Upcall_vectors_are_checked()
    {
        SetUpcallVector(0, 15, -22);
        SetUpcallVector(2, 0x93, -2);
        SetUpcallVector(1, 0x93);
    }
}
