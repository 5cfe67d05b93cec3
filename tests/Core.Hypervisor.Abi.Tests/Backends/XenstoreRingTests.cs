using System.Net.Sockets;
using System.Text;
using Hospes.Hypervisor.Abi.Tests.Fakes;

namespace Hospes.Hypervisor.Abi.Tests.Backends;

public sealed class XenstoreRingTests : IDisposable
{
    private const uint Read = 2;
    private const uint Watch = 4;
    private const uint Unwatch = 5;
    private const uint WatchEvent = 15;
    private const uint Error = 16;
    private const int ResponseBase = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseConsumer = 2056;
    private const int ResponseProducer = 2060;
    private const int ErrorField = 2072;
    private const uint Requests = 5000;

    private readonly Rig _rig = new();
    private readonly List<IDisposable> _sockets = [];

    public void Dispose()
    {
        _rig.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }

    /// <summary>A pair of connected sockets: the domain's end is given to the domain, the store's end comes back.</summary>
    private NetworkStream Connect()
    {
        string name = "\0hospes-test-" + Guid.NewGuid().ToString("N");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen(1);
        Socket near = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        near.Connect(new UnixDomainSocketEndPoint(name));
        Socket far = listener.Accept();
        far.ReceiveTimeout = (int)Rig.Patience.TotalMilliseconds;
        _rig.Domain.ConnectStore(new NetworkStream(near, ownsSocket: true));
        NetworkStream stream = new(far, ownsSocket: true);
        _sockets.Add(stream);
        return stream;
    }

    private ref uint Index(int offset) => ref _rig.Page<uint>(_rig.StorePage, offset);

    private void Notify() => _rig.Event(4, _rig.Domain.StorePort.Value).Should().Be(0);

    private static byte[] Message(uint type, uint id, string payload) =>
        [.. Rig.Bytes(type, id, 0, (uint)payload.Length), .. Encoding.Latin1.GetBytes(payload)];

    /// <summary>Waits, notifying as a guest that polls its ring would, until the condition holds.</summary>
    private static void WaitFor(Func<bool> condition)
    {
        if (!SpinWait.SpinUntil(condition, Rig.Patience))
            throw new TimeoutException("the condition did not come about");
    }

    private void GuestSends(ReadOnlySpan<byte> bytes)
    {
        foreach (byte part in bytes)
        {
            if (Volatile.Read(ref Index(RequestProducer)) - Volatile.Read(ref Index(RequestConsumer)) == 1024)
            {
                Notify();
                WaitFor(() => Volatile.Read(ref Index(RequestProducer)) - Volatile.Read(ref Index(RequestConsumer)) < 1024);
            }

            _rig.Page<byte>(_rig.StorePage, (int)(Index(RequestProducer) & 1023)) = part;
            Volatile.Write(ref Index(RequestProducer), Index(RequestProducer) + 1);
        }

        Notify();
    }

    private byte[] GuestReceives(int count)
    {
        byte[] bytes = new byte[count];
        for (int index = 0; index < count; index++)
        {
            if (Volatile.Read(ref Index(ResponseProducer)) == Index(ResponseConsumer))
            {
                Notify();
                WaitFor(() => Volatile.Read(ref Index(ResponseProducer)) != Index(ResponseConsumer));
            }

            bytes[index] = _rig.Page<byte>(_rig.StorePage, ResponseBase + (int)(Index(ResponseConsumer) & 1023));
            Volatile.Write(ref Index(ResponseConsumer), Index(ResponseConsumer) + 1);
        }

        return bytes;
    }

    private static (uint Type, uint Id, string Payload) Receive(NetworkStream store)
    {
        byte[] header = new byte[16];
        store.ReadExactly(header);
        byte[] payload = new byte[BitConverter.ToUInt32(header, 12)];
        store.ReadExactly(payload);
        return (BitConverter.ToUInt32(header, 0), BitConverter.ToUInt32(header, 4), Encoding.Latin1.GetString(payload));
    }

    private void Exchange(NetworkStream store, uint type, uint id, string request, string reply, uint? replyType = null)
    {
        GuestSends(Message(type, id, request));
        Receive(store).Should().Be((type, id, request));
        byte[] answer = Message(replyType ?? type, id, reply);
        store.Write(answer);
        GuestReceives(answer.Length).Should().Equal(answer);
    }

    [Fact]
    public void A_request_crosses_over_and_its_answer_comes_back()
    {
        NetworkStream store = Connect();
        Exchange(store, Read, 7, "name\0", "test");
        _rig.IsPending(_rig.Domain.StorePort.Value).Should().BeTrue();
        Index(RequestConsumer).Should().Be(Index(RequestProducer));
    }

    [Fact]
    public void Messages_larger_than_the_ring_cross_in_parts()
    {
        NetworkStream store = Connect();
        string large = new('x', 4096);
        Exchange(store, 11, 1, large, "OK\0");
        Exchange(store, Read, 2, "a\0", large);
    }

    [Fact]
    public void What_the_guest_writes_before_there_is_a_store_waits()
    {
        GuestSends(Message(Read, 1, "a\0"));
        NetworkStream store = Connect();
        Receive(store).Should().Be((Read, 1u, "a\0"));
    }

    [Fact]
    public void No_request_is_missed_of_a_guest_that_notifies_only_about_an_empty_ring()
    {
        NetworkStream store = Connect();
        Thread echo = new(() =>
        {
            for (uint id = 1; id <= Requests; id++)
            {
                Receive(store);
                store.Write(Message(Read, id, "x"));
            }
        });
        echo.Start();
        for (uint id = 1; id <= Requests; id++)
        {
            byte[] request = Message(Read, id, "name\0");
            GuestPuts(request.AsSpan(0, 16));
            Thread.SpinWait((int)(id * 37 % 4000)); // some of these meet the other side in the middle of its look
            GuestPuts(request.AsSpan(16));
            WaitFor(() => Volatile.Read(ref Index(ResponseProducer)) - Index(ResponseConsumer) == 17);
            Index(ResponseConsumer) += 17;
        }

        echo.Join();
    }

    // As Linux does it: a notification only if all earlier bytes seem to have been taken, and no fence between this look and the store before it.
    private void GuestPuts(ReadOnlySpan<byte> bytes)
    {
        uint before = Index(RequestProducer);
        for (int index = 0; index < bytes.Length; index++)
            _rig.Page<byte>(_rig.StorePage, (int)((before + (uint)index) & 1023)) = bytes[index];
        Volatile.Write(ref Index(RequestProducer), before + (uint)bytes.Length);
        if (before == Volatile.Read(ref Index(RequestConsumer)))
            Notify();
    }

    [Fact]
    public void A_store_that_comes_back_is_brought_up_to_date()
    {
        NetworkStream first = Connect();
        Exchange(first, Watch, 1, "control/shutdown\0t1\0", "OK\0");
        Exchange(first, Watch, 2, "memory/target\0t2\0", "OK\0");
        Exchange(first, Unwatch, 3, "memory/target\0t2\0", "OK\0");
        Exchange(first, Watch, 4, "no/such\0t3\0", "EINVAL\0", Error);
        GuestSends(Message(Read, 5, "name\0"));
        Receive(first).Id.Should().Be(5);
        first.Dispose();

        NetworkStream second = Connect();
        Receive(second).Should().Be((Watch, 1u, "control/shutdown\0t1\0"), "the watches that hold are set again");
        Receive(second).Should().Be((Read, 5u, "name\0"), "the request not answered is sent again");
        second.Write(Message(Watch, 1, "OK\0"));
        byte[] fired = Message(WatchEvent, 0, "control/shutdown\0t1\0");
        second.Write(fired);
        byte[] answer = Message(Read, 5, "test");
        second.Write(answer);
        GuestReceives(fired.Length).Should().Equal(fired, "the answer to the repeated watch is not the guest's");
        GuestReceives(answer.Length).Should().Equal(answer);
        Exchange(second, Read, 6, "domid\0", "7");
    }

    [Fact]
    public void A_store_that_dies_in_the_middle_of_a_message_leaves_the_ring_in_order()
    {
        NetworkStream first = Connect();
        GuestSends(Message(Read, 1, "a\0"));
        Receive(first);
        first.Write(Message(Read, 1, "only half of th")[..20]);
        first.Dispose();
        NetworkStream second = Connect();
        Receive(second).Should().Be((Read, 1u, "a\0"));
        byte[] answer = Message(Read, 1, "whole");
        second.Write(answer);
        GuestReceives(answer.Length).Should().Equal(answer);
    }

    [Fact]
    public void A_new_stream_takes_the_place_of_a_live_one()
    {
        NetworkStream first = Connect();
        Exchange(first, Read, 1, "a\0", "1");
        NetworkStream second = Connect();
        Exchange(second, Read, 2, "b\0", "2");
        first.ReadByte().Should().Be(-1, "the old stream is closed");
    }

    [Fact]
    public void A_request_too_long_cuts_the_guest_off()
    {
        NetworkStream store = Connect();
        GuestSends(Rig.Bytes(Read, 1, 0, 4097));
        WaitFor(() => Volatile.Read(ref Index(ErrorField)) == 3);
        _rig.Messages.Should().ContainSingle(text => text.Contains("cut off"));
        GuestSends(Message(Read, 2, "a\0"));
        store.Write(Message(WatchEvent, 0, "x\0y\0"));
        store.Dispose();
        Index(ResponseProducer).Should().Be(0, "no more is written either");
    }

    [Theory]
    [InlineData(RequestProducer, 1025u)]
    [InlineData(RequestConsumer, 1u)]
    [InlineData(RequestProducer, uint.MaxValue)]
    public void Impossible_request_indices_cut_the_guest_off(int index, uint value)
    {
        Connect();
        Index(index) = value;
        Notify();
        WaitFor(() => Volatile.Read(ref Index(ErrorField)) == 2);
    }

    [Fact]
    public void Impossible_response_indices_cut_the_guest_off()
    {
        NetworkStream store = Connect();
        Index(ResponseConsumer) = 9;
        store.Write(Message(WatchEvent, 0, "x\0y\0"));
        WaitFor(() => Volatile.Read(ref Index(ErrorField)) == 2);
    }

    [Fact]
    public void A_store_that_sends_garbage_loses_its_connection()
    {
        NetworkStream first = Connect();
        first.Write(Rig.Bytes(Read, 1, 0, 0x7fff_ffff));
        first.ReadByte().Should().Be(-1);
        Exchange(Connect(), Read, 1, "a\0", "1");
    }

    [Fact]
    public void A_guest_that_reads_no_answers_does_not_fill_the_process()
    {
        NetworkStream store = Connect();
        byte[] request = Message(Read, 1, new string('a', 1000));

        // 65 requests of 1016 bytes reach the journal's limit of 64 KiB; the next one stays in the ring until one is answered.
        const int Taken = 65;
        for (int sent = 0; sent < Taken; sent++)
        {
            GuestSends(request);
            WaitFor(() => Volatile.Read(ref Index(RequestConsumer)) == Index(RequestProducer));
        }

        GuestSends(request);
        for (int received = 0; received < Taken; received++)
            Receive(store);
        (Index(RequestProducer) - Volatile.Read(ref Index(RequestConsumer))).Should().Be((uint)request.Length);
        store.Write(Message(Read, 1, ""));
        GuestReceives(16);
        Receive(store).Id.Should().Be(1);
        for (int answered = 0; answered < Taken; answered++)
        {
            store.Write(Message(Read, 1, ""));
            GuestReceives(16);
        }

        Exchange(store, Read, 2, "b\0", "2");
    }

    [Fact]
    public void A_stream_that_comes_after_the_end_is_closed()
    {
        _rig.Dispose();
        Connect().ReadByte().Should().Be(-1);
    }
}
