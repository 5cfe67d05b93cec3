using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>What comes over the wire, as the guest finds it in its pages.</summary>
public sealed class ReceiveTests
{
    private const ushort Blank = ReceiveResponse.ChecksumBlank | ReceiveResponse.DataValidated;

    [SkippableFact]
    public void A_frame_comes_in_as_it_is()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(20);
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(1000), isBlank: false, fromGuest: false);
        wire.Send(frame);
        guest.ReceivedFrame(out ushort flags, out ExtraInformation? extra).Should().Equal(frame);
        (flags & ~ReceiveResponse.DataValidated).Should().Be(0);
        extra.Should().BeNull();
        guest.UseOf(64).Should().Be(0, "the page is the guest's again before it is told");
        guest.Counter("rx_packets").Should().Be(1);
        guest.Counter("rx_bytes").Should().Be(frame.Length);
    }

    [SkippableTheory]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(8192)]
    [InlineData(9014)]
    public void A_jumbo_frame_fills_several_pages(int length)
    {
        using Wire wire = new(mtu: 9000);
        using FrontEnd guest = new FrontEnd(wire, new NetworkSettings { Mtu = 9000 }).Connected();
        guest.Offer(20);
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(length - 42), isBlank: false, fromGuest: false);
        for (int time = 0; time < 3; time++)
        {
            wire.Send(frame);
            guest.ReceivedFrame(out _, out _).Should().Equal(frame);
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_checksum_may_be_left_to_a_guest_that_knows_how(bool version6)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(20);
        byte[] frame = Packet.Make(Packet.Tcp, version6, Packet.Data(50), isBlank: true, fromGuest: false);
        wire.Send(frame, Packet.Unfinished(version6, Packet.Tcp));
        guest.ReceivedFrame(out ushort flags, out _).Should().Equal(frame);
        flags.Should().Be(Blank);
    }

    [SkippableTheory]
    [InlineData(false, Packet.Tcp, 50, "feature-no-csum-offload", "1")]
    [InlineData(true, Packet.Udp, 51, "feature-no-csum-offload", "1")]
    [InlineData(true, Packet.Tcp, 1400, "feature-ipv6-csum-offload", "0")]
    [InlineData(true, Packet.Udp, 333, "feature-ipv6-csum-offload", "0")]
    public void To_one_that_does_not_it_comes_finished(bool version6, byte protocol, int length, string node, string value)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire, change: nodes => nodes[node] = value).Connected();
        guest.Offer(20);
        byte[] data = Packet.Data(length);
        wire.Send(Packet.Make(protocol, version6, data, isBlank: true, fromGuest: false), Packet.Unfinished(version6, protocol));
        Packet.CheckedData(guest.ReceivedFrame(out ushort flags, out _)).Should().Equal(data);
        (flags & ReceiveResponse.ChecksumBlank).Should().Be(0);
    }

    [SkippableTheory]
    [InlineData(false, 3000)]
    [InlineData(true, 3000)]
    [InlineData(false, 60000)]
    [InlineData(true, 60000)]
    public void A_long_packet_comes_whole_to_a_guest_that_cuts_it_itself(bool version6, int length)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(40);
        byte[] frame = Packet.Make(Packet.Tcp, version6, Packet.Data(length), isBlank: true, fromGuest: false);
        for (int time = 0; time < 2; time++)
        {
            wire.Send(frame, Packet.Unfinished(version6, Packet.Tcp, 1400));
            guest.ReceivedFrame(out ushort flags, out ExtraInformation? extra).Should().Equal(frame);
            (flags & Blank).Should().Be(Blank);
            extra.Should().Be(new ExtraInformation
            {
                Type = ExtraInformation.Segmentation, SegmentSize = 1400, SegmentType = version6 ? ExtraInformation.Tcp6 : ExtraInformation.Tcp4,
            });
        }
    }

    [SkippableTheory]
    [InlineData(false, "feature-gso-tcpv4")]
    [InlineData(true, "feature-gso-tcpv6")]
    [InlineData(false, "feature-sg")]
    public void And_in_pieces_to_one_that_does_not(bool version6, string node)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire, change: nodes => nodes.Remove(node)).Connected();
        guest.Offer(40);
        byte[] data = Packet.Data(7000);
        wire.Send(Packet.Make(Packet.Tcp, version6, data, isBlank: true, fromGuest: false), Packet.Unfinished(version6, Packet.Tcp, 1400));
        List<byte> received = [];
        while (received.Count < data.Length)
        {
            byte[] frame = guest.ReceivedFrame(out _, out ExtraInformation? extra);
            extra.Should().BeNull();
            received.AddRange(frame[(version6 ? 74 : 54)..]);
        }

        received.Should().Equal(data);
    }

    [SkippableFact]
    public void What_finds_no_room_waits_in_the_tap()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(10), isBlank: false, fromGuest: false);
        for (int packet = 0; packet < 5; packet++)
            wire.Send(frame);
        for (int packet = 0; packet < 5; packet++)
        {
            guest.Offer(1);
            guest.ReceivedFrame(out _, out _).Should().Equal(frame);
        }
    }

    [SkippableFact]
    public void Many_frames_come_in_order_while_the_guest_offers_pages()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(50);
        for (int packet = 0; packet < 500; packet++)
        {
            byte[] frame = Packet.Make(Packet.Udp, version6: false, BitConverter.GetBytes(packet), isBlank: false, fromGuest: false);
            wire.Send(frame);
            guest.ReceivedFrame(out _, out _).Should().Equal(frame);
            guest.Offer(1);
        }
    }
}
