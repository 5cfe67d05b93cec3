using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>Datagrams in storms leave a guest's programs time; TCP, which minds them by itself, is never held up.</summary>
public sealed class ReceivePaceTests
{
    [SkippableFact]
    public void After_a_batch_of_datagrams_a_busy_guest_is_left_alone_for_a_while()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        ReceivePace pace = new(guest.Context);
        byte[] frame = Packet.Make(Packet.Udp, version6: false, Packet.Data(40), isBlank: false, fromGuest: false);
        for (int round = 0; round < 3; round++)
        {
            long now = 1_000_000 * (round + 1);
            for (int packet = 0; packet < ReceivePace.Batch; packet++)
            {
                pace.Rests(now).Should().BeFalse();
                pace.Count(frame);
            }

            pace.Rests(now).Should().BeTrue();
            pace.Rests(now + ReceivePace.LongestRest - 1).Should().BeTrue();
            pace.Rests(now + ReceivePace.LongestRest).Should().BeFalse("a guest that is always busy gets its packets all the same");
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tcp_is_never_held_up(bool version6)
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        ReceivePace pace = new(guest.Context);
        byte[] frame = Packet.Make(Packet.Tcp, version6, Packet.Data(40), isBlank: false, fromGuest: false);
        for (int packet = 0; packet < 10 * ReceivePace.Batch; packet++)
            pace.Count(frame);
        pace.Rests(1).Should().BeFalse();
    }

    [SkippableFact]
    public void A_storm_arrives_whole_where_the_tap_has_room_for_it()
    {
        using Wire wire = new();
        using FrontEnd guest = new FrontEnd(wire).Connected();
        guest.Offer(50);
        for (int packet = 0; packet < 3 * ReceivePace.Batch; packet++)
            wire.Send(Packet.Make(Packet.Udp, version6: false, BitConverter.GetBytes(packet), isBlank: false, fromGuest: false));
        for (int packet = 0; packet < 3 * ReceivePace.Batch; packet++)
        {
            guest.ReceivedFrame(out _, out _).Should().Equal(Packet.Make(Packet.Udp, version6: false, BitConverter.GetBytes(packet), isBlank: false, fromGuest: false));
            guest.Offer(1);
        }
    }
}
