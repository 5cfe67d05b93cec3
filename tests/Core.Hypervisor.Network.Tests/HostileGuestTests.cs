using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>Front-ends that do what none should: their packet is refused, or their device closed, and nothing else happens.</summary>
public sealed class HostileGuestTests
{
    private static readonly byte[] Good = Packet.Make(Packet.Udp, version6: false, Packet.Data(40), isBlank: false);

    public static TheoryData<string, object[]> BadPackets() => new()
    {
        { "a runt", [Slot(size: 13)] },
        { "nothing", [Slot(size: 0)] },
        { "a giant", [Slot(size: 1519)] },
        { "beyond its page", [Slot(size: 100, offset: 4000)] },
        { "an offset outside the page", [Slot(size: 100, offset: 65535)] },
        { "a grant outside the table", [Slot(grant: 0xffff_ffff)] },
        { "a grant that is none", [Slot(grant: 300)] },
        { "parts larger than the whole", [Slot(size: 60, flags: TransmitRequest.MoreData), Slot(size: 60)] },
        { "parts beyond the sum of sixteen bits", [Slot(size: 100, flags: TransmitRequest.MoreData), Slot(size: 65535)] },
        { "an empty part", [Slot(size: 100, flags: TransmitRequest.MoreData), Slot(size: 0)] },
        { "a part with a bad grant", [Slot(size: 100, flags: TransmitRequest.MoreData), Slot(size: 20, grant: 301)] },
        { "more to come that never comes", [Slot(flags: TransmitRequest.MoreData)] },
        { "extra information that never comes", [Slot(flags: TransmitRequest.ExtraInformation)] },
        { "extra information of no known kind", [Slot(flags: TransmitRequest.ExtraInformation), new ExtraInformation { Type = 77 }] },
        { "extra information without end", [Slot(flags: TransmitRequest.ExtraInformation), Cut(1400, more: true)] },
        { "pieces of no size", [Slot(flags: TransmitRequest.ExtraInformation), Cut(0)] },
        { "pieces of no known kind", [Slot(flags: TransmitRequest.ExtraInformation), Cut(1400, kind: 9)] },
        { "pieces of what is not TCP", [Slot(flags: TransmitRequest.ExtraInformation), Cut(1400)] },
        { "a blank checksum of nothing known", [Slot(flags: TransmitRequest.ChecksumBlank, grant: 17)] },
        { "too many parts", [Slot(size: 1000, flags: TransmitRequest.MoreData), .. Enumerable.Repeat((object)Slot(size: 1, flags: TransmitRequest.MoreData), 30), Slot(size: 1)] },
    };

    [SkippableTheory]
    [MemberData(nameof(BadPackets))]
    public void A_bad_packet_is_refused_and_the_next_one_goes(string what, object[] slots)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Rig.Put(FrontEnd.PageOf(0), Good);
        guest.GrantPage(0);
        guest.GrantPage(1); // zeroes: no known protocol
        foreach (object slot in slots)
        {
            if (slot is TransmitRequest request)
                guest.PutTransmit(request);
            else
                guest.PutTransmit((ExtraInformation)slot);
        }

        guest.ShowTransmit();
        TransmitResponse[] responses = guest.Responses(slots.Length);
        responses.Should().Contain(static response => response.Status == TransmitResponse.Error, what);
        responses.Should().NotContain(static response => response.Status == TransmitResponse.Okay, what);
        guest.Transmit(Good);
        wire.Receive().Should().Equal(Good, $"'{what}' stops nothing that comes after it");
        guest.Responses(1)[0].Status.Should().Be(TransmitResponse.Okay);
        guest.UseOf(0).Should().Be(0, "no page stays in use");
        guest.Counter("tx_errors").Should().Be(1);
    }

    [SkippableTheory]
    [InlineData(257u)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xffff_ffffu)]
    public void A_ring_that_claims_more_than_it_holds_closes_the_device(uint ahead)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.ShowTransmit(ahead);
        guest.Failed().Should().Contain("more packets than its ring holds");
    }

    [SkippableFact]
    public void A_page_that_is_none_costs_one_response_only()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(1, grant: 0xffff_fff0);
        guest.Offer(1, grant: 400);
        guest.Offer(1);
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(10), isBlank: false, fromGuest: false);
        wire.Send(frame);
        guest.Received().Response.Status.Should().BeNegative();
        guest.Received().Response.Status.Should().BeNegative();
        guest.Received().Bytes.Should().Equal(frame);
    }

    [SkippableFact]
    public void A_packet_longer_than_all_room_is_dropped_and_the_next_one_comes()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(3);
        wire.Send(Packet.Make(Packet.Tcp, version6: false, Packet.Data(50000), isBlank: true, fromGuest: false), Packet.Unfinished(version6: false, Packet.Tcp, 1400));
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(10), isBlank: false, fromGuest: false);
        wire.Send(frame);
        guest.ReceivedFrame(out _, out _).Should().Equal(frame);
        guest.Counter("rx_dropped").Should().Be(1);
    }

    [SkippableTheory]
    [InlineData("request-rx-copy", "0", "request-rx-copy")]
    [InlineData("tx-ring-ref", "99999999", "cannot be mapped")]
    [InlineData("rx-ring-ref", "none", "where a number is needed")]
    [InlineData("event-channel-tx", "4000", "event channel")]
    [InlineData("event-channel-rx", "4000", "event channel")]
    [InlineData("multi-queue-num-queues", "0", "queues")]
    [InlineData("multi-queue-num-queues", "9", "queues")]
    public void An_announcement_that_makes_no_sense_closes_the_device(string node, string value, string why)
    {
        using Wire wire = new();
        using FrontEnd guest = new(wire, change: nodes => nodes[node] = value);
        guest.Failed().Should().Contain(why);
    }

    // Grants 16 and 17 stand for pages 0 and 1.
    private static TransmitRequest Slot(ushort size = 82, ushort offset = 0, ushort flags = 0, uint grant = 16) =>
        new() { Grant = grant, Size = size, Offset = offset, Flags = flags, Id = 5 };

    private static ExtraInformation Cut(ushort size, bool more = false, byte kind = ExtraInformation.Tcp4) =>
        new() { Type = ExtraInformation.Segmentation, Flags = more ? ExtraInformation.More : (byte)0, SegmentSize = size, SegmentType = kind };
}
