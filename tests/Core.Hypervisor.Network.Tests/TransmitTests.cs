using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>What a guest sends, as it comes out of the other end of its wire.</summary>
public sealed class TransmitTests
{
    private static ExtraInformation Cut(bool version6, ushort size) => new()
    {
        Type = ExtraInformation.Segmentation, SegmentSize = size, SegmentType = version6 ? ExtraInformation.Tcp6 : ExtraInformation.Tcp4,
    };

    [SkippableFact]
    public void A_frame_goes_out_as_it_is()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(100), isBlank: false);
        guest.Transmit(frame);
        wire.Receive().Should().Equal(frame);
        guest.Responses(1)[0].Should().Be(new TransmitResponse { Id = 0, Status = TransmitResponse.Okay });
        guest.UseOf(0).Should().Be(0, "the page is the guest's again before it is told");
        guest.Counter("tx_packets").Should().Be(1);
        guest.Counter("tx_bytes").Should().Be(frame.Length);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(100)]
    [InlineData(700)]
    public void A_frame_in_pieces_is_put_together(int piece)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(Math.Min(piece * 15, 1400) - 42 + 28), isBlank: false);
        frame = frame.Length > piece * 18 ? frame[..(piece * 18)] : frame;
        (frame[12], frame[13]) = (0x88, 0xb5); // a type for experiments: nobody on the way looks inside
        guest.Transmit(frame, perPage: piece, offset: 4096 - piece);
        wire.Receive().Should().Equal(frame);
        guest.Responses((frame.Length + piece - 1) / piece).Should().OnlyContain(static response => response.Status == TransmitResponse.Okay);
    }

    [SkippableTheory]
    [InlineData(Packet.Tcp, false, 100)]
    [InlineData(Packet.Tcp, true, 101)]
    [InlineData(Packet.Udp, false, 1)]
    [InlineData(Packet.Udp, true, 0)]
    [InlineData(Packet.Udp, false, 1400)]
    public void A_checksum_that_is_left_out_is_filled_in(byte protocol, bool version6, int length)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        byte[] data = Packet.Data(length);
        guest.Transmit(Packet.Make(protocol, version6, data, isBlank: true), TransmitRequest.ChecksumBlank);
        Packet.CheckedData(wire.Receive()).Should().Equal(data);
    }

    [SkippableTheory]
    [InlineData(false, 9000, 4096, true)]
    [InlineData(true, 9000, 4096, true)]
    [InlineData(false, 60000, 4096, true)]
    [InlineData(true, 60000, 3700, true)]
    [InlineData(false, 2897, 1000, false)]
    public void A_long_packet_is_cut(bool version6, int length, int piece, bool isBlank)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        byte[] data = Packet.Data(length);
        const ushort size = 1400;
        guest.Transmit(Packet.Make(Packet.Tcp, version6, data, isBlank: true), isBlank ? TransmitRequest.ChecksumBlank : (ushort)0, Cut(version6, size), piece);
        List<byte> received = [];
        while (received.Count < length)
        {
            byte[] part = Packet.CheckedData(wire.Receive());
            part.Length.Should().Be(Math.Min(size, length - received.Count));
            received.AddRange(part);
        }

        received.Should().Equal(data);
        guest.Responses(2)[1].Status.Should().Be(TransmitResponse.Null, "the extra information's slot is given back with the first");
    }

    [SkippableFact]
    public void More_packets_than_the_ring_holds_go_through_one_after_the_other()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        for (int round = 0; round < 40; round++)
        {
            byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(round), isBlank: false);
            for (int packet = 0; packet < 20; packet++)
                guest.Transmit(frame);
            for (int packet = 0; packet < 20; packet++)
                wire.Receive().Should().Equal(frame);
            guest.Responses(20).Should().OnlyContain(static response => response.Status == TransmitResponse.Okay);
        }
    }

    [SkippableFact]
    public void A_limited_guest_takes_its_time()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire, new NetworkSettings { RateBytes = 1000, RateInterval = 20_000 }).Connected();
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(958), isBlank: false);
        long begun = Environment.TickCount64;
        for (int packet = 0; packet < 6; packet++)
            guest.Transmit(frame);
        for (int packet = 0; packet < 6; packet++)
            wire.Receive().Should().Equal(frame);
        (Environment.TickCount64 - begun).Should().BeGreaterThan(5 * 20 - 25, "1000 bytes go in each 20 ms");
    }
}
