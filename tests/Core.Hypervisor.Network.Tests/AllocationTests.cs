using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Backends.Network;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>The two directions, run on the test's own thread, whose allocations the runtime counts exactly.</summary>
public sealed class AllocationTests
{
    private const int Packets = 100;

    [SkippableFact]
    public void Nothing_is_allocated_for_a_packet_that_a_guest_sends()
    {
        using Wire wire = new();
        using FrontEnd guest = Unconnected(wire);
        using MappedGrant page = guest.Context.Map(new GrantReference(8), write: true);
        Transmitter transmitter = new(new NetworkRing(page.Page, 12), new TapQueue(wire.Queues[0]), guest.Context, new NetworkSettings(), new NetworkCounters());
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(40), isBlank: true);
        long[] allocated = new long[3];
        for (int round = 0; round < allocated.Length; round++)
        {
            for (int packet = 0; packet < Packets; packet++)
                guest.Transmit(frame, TransmitRequest.ChecksumBlank);
            long before = GC.GetAllocatedBytesForCurrentThread();
            transmitter.Run(out _);
            allocated[round] = GC.GetAllocatedBytesForCurrentThread() - before;
            guest.Responses(Packets).Should().OnlyContain(static response => response.Status == TransmitResponse.Okay);
        }

        allocated[^1].Should().Be(0);
    }

    [SkippableFact]
    public void Nothing_is_allocated_for_a_packet_that_it_receives()
    {
        using Wire wire = new();
        using FrontEnd guest = Unconnected(wire);
        using MappedGrant page = guest.Context.Map(new GrantReference(9), write: true);
        Receiver receiver = new(new NetworkRing(page.Page, 8), new TapQueue(wire.Queues[0]), guest.Context, default, new NetworkCounters(), static () => { });
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(40), isBlank: false, fromGuest: false);
        long[] allocated = new long[3];
        for (int round = 0; round < allocated.Length; round++)
        {
            guest.Offer(20);
            for (int packet = 0; packet < 20; packet++)
                wire.Send(frame);
            long before = GC.GetAllocatedBytesForCurrentThread();
            receiver.Run(out _);
            allocated[round] = GC.GetAllocatedBytesForCurrentThread() - before;
            for (int packet = 0; packet < 20; packet++)
                guest.Received().Bytes.Should().Equal(frame);
        }

        receiver.Release();
        allocated[^1].Should().Be(0);
    }

    // The back-end has its own thread once it is connected; here the front-end has not said that it is ready.
    private static FrontEnd Unconnected(Wire wire) => new(wire, change: static nodes => nodes["state"] = "1");
}
