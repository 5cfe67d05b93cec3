using System.Net;
using Hospes.Networking.Nat.Dhcp;
using Hospes.Networking.Nat.Dns;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Tests;

/// <summary>Messages of guests that mean harm, or nothing.</summary>
public sealed class DhcpResponderTests
{
    private static readonly MacAddress Mac = MacAddress.Parse("00:16:3e:00:00:01");

    private readonly DhcpResponder _responder = new(new DhcpLease(Mac, InterfaceAddress.Parse("10.0.1.1/16"), IPAddress.Parse("10.0.1.128"), "a b/c", "xen.internal", 1500));
    private readonly byte[] _answer = new byte[DhcpResponder.LargestAnswer];

    [Theory]
    [InlineData(0)]
    [InlineData(239)]
    [InlineData(240)]
    public void What_is_too_short_gets_no_answer(int length) => _responder.Answer(Discover()[..length], _answer).Should().Be(0);

    [Fact]
    public void Another_guest_gets_no_answer()
    {
        byte[] message = Discover();
        message[33] = 2;
        _responder.Answer(message, _answer).Should().Be(0);
    }

    [Fact]
    public void A_request_for_another_server_gets_no_answer()
    {
        byte[] message = Discover();
        ((byte[])[53, 1, 3, 54, 4, 9, 9, 9, 9, 255]).CopyTo(message, 240);
        _responder.Answer(message, _answer).Should().Be(0);
    }

    [Fact]
    public void Names_become_hosts_names()
    {
        DhcpResponder.HostName("a b/c").Should().Be("a-b-c");
        DhcpResponder.HostName("---").Should().Be("guest");
        DhcpResponder.HostName(new string('x', 200)).Should().HaveLength(63);
    }

    [Fact]
    public void Random_bytes_hurt_nobody()
    {
        Random random = new(1);
        byte[] message = Discover();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] copy = [.. message[..random.Next(message.Length)]];
            for (int change = 0; change < 8 && copy.Length > 0; change++)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            _responder.Answer(copy, _answer).Should().BeInRange(0, DhcpResponder.LargestAnswer);
            if (NameQuestion.TryRead(copy, out NameQuestion question))
                _ = question.ReverseAddress();
        }
    }

    private static byte[] Discover()
    {
        byte[] message = new byte[300];
        (message[0], message[1], message[2]) = (1, 1, 6);
        Mac.CopyTo(message.AsSpan(28));
        ((byte[])[0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255]).CopyTo(message, 236);
        return message;
    }
}
