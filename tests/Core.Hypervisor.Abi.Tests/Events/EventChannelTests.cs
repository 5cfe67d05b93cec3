using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Events;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Events;

public sealed class EventChannelTests : IDisposable
{
    private const uint Self = 0x7ff0;
    private readonly Rig _rig = new(vcpus: 2);

    public void Dispose() => _rig.Dispose();

    private uint BindIpi(uint vcpu = 0) => _rig.Event(7, 4, vcpu, 0);

    private uint AllocateUnbound(uint remote = 0) => _rig.Event(6, 4, Self | (remote << 16), 0);

    private (uint State, uint Vcpu, uint Word4, uint Word5) Status(uint port)
    {
        _rig.Event(5, Self, port, 0, 0, 0, 0).Should().Be(0);
        return (_rig.Get<uint>(Rig.Scratch + 8), _rig.Get<uint>(Rig.Scratch + 12), _rig.Get<uint>(Rig.Scratch + 16), _rig.Get<uint>(Rig.Scratch + 20));
    }

    [Fact]
    public void An_unmasked_event_sets_port_selector_and_upcall_and_kicks_the_vcpu()
    {
        uint port = BindIpi();
        _rig.Unmask(port);
        _rig.Leases[0].Bits.Should().Be(PollBits.None);
        _rig.Event(4, port).Should().Be(0);
        _rig.IsPending(port).Should().BeTrue();
        _rig.Shared<ulong>(8).Should().Be(1ul << (int)(port / 64));
        _rig.SharedByte(0).Should().Be(1);
        _rig.Leases[0].Bits.Should().HaveFlag(PollBits.Interrupt);
    }

    [Fact]
    public void A_masked_event_waits_for_the_unmask()
    {
        uint port = BindIpi();
        _rig.Event(4, port).Should().Be(0);
        _rig.IsPending(port).Should().BeTrue();
        _rig.SharedByte(0).Should().Be(0, "all ports are masked at the start");
        _rig.Leases[0].Bits.Should().Be(PollBits.None);
        _rig.Unmask(port);
        _rig.SharedByte(0).Should().Be(1);
    }

    [Fact]
    public void Unmasking_a_quiet_port_raises_nothing()
    {
        uint port = BindIpi();
        _rig.Unmask(port);
        _rig.SharedByte(0).Should().Be(0);
        _rig.Event(9, 0u).Should().Be(-22);
        _rig.Event(9, 4096u).Should().Be(-22);
    }

    [Fact]
    public void Events_go_to_the_vcpu_they_are_bound_to()
    {
        uint port = BindIpi(vcpu: 1);
        _rig.Unmask(port);
        _rig.Event(4, port).Should().Be(0);
        _rig.SharedByte(0).Should().Be(0);
        _rig.SharedByte(64).Should().Be(1);
        _rig.Leases[1].Bits.Should().HaveFlag(PollBits.Interrupt);
    }

    [Fact]
    public void Virqs_are_bound_once_and_global_ones_on_vcpu_0()
    {
        uint timer0 = _rig.Event(1, 8, 0, 0, 0);
        uint timer1 = _rig.Event(1, 8, 0, 1, 0);
        timer1.Should().NotBe(timer0);
        _rig.Event(1, 0u, 0, 0).Should().Be(-17);
        _rig.Event(1, 2u, 1, 0).Should().Be(-22);
        _rig.Event(1, 24u, 0, 0).Should().Be(-22);
        _rig.Event(1, 0u, 2, 0).Should().Be(-2);
        _rig.Domain.EventChannels.RaiseVirq(1, Virq.Timer);
        _rig.IsPending(timer1).Should().BeTrue();
        _rig.IsPending(timer0).Should().BeFalse();
        _rig.Event(3, timer0).Should().Be(0);
        _rig.Event(1, 8, 0, 0, 0).Should().Be(timer0, "the lowest free port, and the virq is free again");
        Status(timer1).Should().Be((4u, 1u, 0u, 0u));
    }

    [Fact]
    public void A_guest_talks_to_itself()
    {
        uint offered = AllocateUnbound(remote: Self);
        uint bound = _rig.Event(0, 8, Self, offered, 0);
        _rig.IsPending(bound).Should().BeTrue("what was sent before binding is not lost");
        _rig.ClearEvents();
        _rig.Event(4, bound).Should().Be(0);
        _rig.IsPending(offered).Should().BeTrue();
        Status(offered).Should().Be((2u, 0u, (uint)Rig.DomainNumber, bound));
        _rig.Event(0, Self, offered, 0).Should().Be(-22, "it is taken");
        _rig.Event(3, bound).Should().Be(0);
        Status(offered).State.Should().Be(1, "the other end waits again");
        _rig.Event(4, offered).Should().Be(0, "sending to nobody is no error");
    }

    [Fact]
    public void Nobody_elses_ports_can_be_bound()
    {
        _rig.Event(0, 0u, 1, 0).Should().Be(-22);
        _rig.Event(0, 5u, 1, 0).Should().Be(-3);
        _rig.Event(0, Self, 5000, 0).Should().Be(-22);
        _rig.Event(6, 3u, 0).Should().Be(-1);
        _rig.Event(10, 3u).Should().Be(-1);
        _rig.Event(5, 3u, 1, 0, 0, 0, 0).Should().Be(-1);
        _rig.Event(2, 1u, 0, 0).Should().Be(-22);
        foreach (uint fifo in new uint[] { 11, 12, 13, 99 })
            _rig.Event(fifo, 0u, 0, 0, 0).Should().Be(-38);
    }

    [Fact]
    public void A_backend_hears_the_guest_and_is_heard()
    {
        int heard = 0;
        uint port = AllocateUnbound();
        using BackendChannel channel = _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => heard++)!;
        heard.Should().Be(1, "notifications sent before binding are made up for");
        _rig.Event(4, port).Should().Be(0);
        heard.Should().Be(2);
        channel.Notify();
        _rig.IsPending(port).Should().BeTrue();
        Status(port).State.Should().Be(2);
        _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { }).Should().BeNull("it is taken");
    }

    [Fact]
    public void A_backend_that_leaves_can_be_followed_by_another()
    {
        uint port = AllocateUnbound();
        _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { })!.Dispose();
        Status(port).State.Should().Be(1);
        _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { }).Should().NotBeNull();
    }

    [Fact]
    public void A_backend_whose_port_the_guest_has_closed_reaches_nobody()
    {
        uint port = AllocateUnbound();
        BackendChannel channel = _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { })!;
        _rig.Event(3, port).Should().Be(0);
        channel.IsConnected.Should().BeFalse();
        BindIpi().Should().Be(port, "the port is used again");
        channel.Notify();
        _rig.IsPending(port).Should().BeFalse();
        channel.Dispose();
        Status(port).State.Should().Be(5, "leaving late does not disturb the new owner");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(77u)]
    [InlineData(4095u)]
    [InlineData(4096u)]
    [InlineData(uint.MaxValue)]
    public void A_backend_cannot_bind_a_port_not_offered(uint port) =>
        _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { }).Should().BeNull();

    [Fact]
    public void Ports_offered_to_other_domains_are_not_for_this_process()
    {
        uint port = AllocateUnbound(remote: 9);
        _rig.Domain.EventChannels.BindBackend(new EventPort(port), () => { }).Should().BeNull();
    }

    [Fact]
    public void Closing_forgets_what_was_pending()
    {
        uint port = BindIpi();
        _rig.Event(4, port);
        _rig.Event(3, port).Should().Be(0);
        _rig.IsPending(port).Should().BeFalse();
        _rig.Event(3, port).Should().Be(-22);
        _rig.Event(4, port).Should().Be(-22);
        _rig.Event(4, 0u).Should().Be(-22);
        _rig.Event(4, 4096u).Should().Be(-22);
    }

    [Fact]
    public void Reset_closes_all_but_store_and_console()
    {
        uint ipi = BindIpi();
        uint offered = AllocateUnbound();
        _rig.Event(10, Self).Should().Be(0);
        Status(ipi).State.Should().Be(0);
        Status(offered).State.Should().Be(0);
        Status(_rig.Domain.StorePort.Value).State.Should().Be(2);
        Status(_rig.Domain.ConsolePort.Value).State.Should().Be(2);
    }

    [Fact]
    public void Ports_move_between_vcpus_if_they_may()
    {
        uint offered = AllocateUnbound();
        _rig.Event(8, offered, 1).Should().Be(0);
        Status(offered).Vcpu.Should().Be(1);
        _rig.Event(8, BindIpi(), 1).Should().Be(-22);
        _rig.Event(8, _rig.Event(1, 8, 0, 0, 0), 1).Should().Be(-22);
        uint console = _rig.Event(1, 8, 2, 0, 0);
        _rig.Event(8, console, 1).Should().Be(0);
        _rig.Event(3, console).Should().Be(0);
        _rig.Event(1, 8, 2, 0, 0).Should().Be(console, "a global virq that had moved is free once closed");
        _rig.Event(8, offered, 2).Should().Be(-2);
        _rig.Event(8, 5000u, 0).Should().Be(-22);
    }

    [Fact]
    public void Ports_run_out()
    {
        int given = 0;
        while (_rig.Event(7, 0u, 0) == 0)
            given++;
        given.Should().Be(4095 - 2, "0 is never valid, store and console have one each");
        _rig.Event(7, 0u, 0).Should().Be(-28);
    }

    [Fact]
    public void A_port_that_cannot_be_told_is_not_kept()
    {
        ulong end = Rig.RamBytes - 4;
        _rig.Put(end, 0u);
        _rig.Call(32, 7, end).Should().Be(-14);
        uint next = BindIpi();
        _rig.Event(3, next);
        _rig.Call(32, 7, end).Should().Be(-14);
        BindIpi().Should().Be(next);
    }

    [Fact]
    public void A_32_bit_guest_has_its_own_layout()
    {
        byte[] map = Rig.Bytes(Self, 0, 0, 1);
        _rig.CallAt(12, 7, map, is64Bit: false).Should().Be(0);
        _rig.Shared<uint>(0x880).Should().Be(uint.MaxValue);
        _rig.Shared<uint>(0x904).Should().NotBe(0, "the wall clock has its narrow place too");
        uint port = 0;
        for (int index = 0; index < 70; index++)
            port = BindIpi();
        _rig.CallAt(32, 9, Rig.Bytes(port), is64Bit: false).Should().Be(0);
        _rig.CallAt(32, 4, Rig.Bytes(port), is64Bit: false).Should().Be(0);
        _rig.Shared<uint>(0x800 + ((int)port / 32 * 4)).Should().Be(1u << (int)(port % 32));
        _rig.Shared<uint>(4).Should().Be(1u << (int)(port / 32));
        _rig.SharedByte(0).Should().Be(1);
        _rig.Event(9, 1024u).Should().Be(-22, "there are 1024 ports");
    }

    [Fact]
    public void Sends_from_many_threads_lose_nothing()
    {
        const int Ports = 256;
        uint[] ports = [.. Enumerable.Range(0, Ports).Select(_ => BindIpi())];
        foreach (uint port in ports)
            _rig.Unmask(port);
        long[] taken = new long[Ports];
        bool done = false;

        // The guest: takes the upcall, the selector, then the ports, in the order every guest must.
        Thread guest = new(() =>
        {
            bool last;
            do
            {
                last = Volatile.Read(ref done);
                Volatile.Write(ref _rig.SharedByte(0), 0);
                ulong selector = Interlocked.Exchange(ref _rig.Shared<ulong>(8), 0);
                for (int word = 0; word < 64; word++)
                {
                    if ((selector & (1ul << word)) == 0)
                        continue;
                    ulong pending = Interlocked.Exchange(ref _rig.Shared<ulong>(0x800 + (word * 8)), 0);
                    for (int index = 0; index < Ports; index++)
                    {
                        if (ports[index] / 64 == word && (pending & (1ul << (int)(ports[index] % 64))) != 0)
                            taken[index]++;
                    }
                }
            }
            while (!last);
        });
        guest.Start();
        Parallel.For(0, 4, sender =>
        {
            for (int round = 0; round < 20_000; round++)
                _rig.Domain.EventChannels.SetPending(ports[((round * 7) + sender) % Ports]);
        });
        Volatile.Write(ref done, true);
        guest.Join();
        taken.Should().OnlyContain(count => count > 0);
        ports.Should().NotContain(port => _rig.IsPending(port), "every event has come through the selector");
    }
}
