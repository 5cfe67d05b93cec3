using System.Net.Sockets;
using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class WireTests : IAsyncLifetime
{
    private readonly Store _store = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task The_worked_example_of_the_header_holds()
    {
        _store.Host.Write("/local/domain/5/name", "demo");
        _store.Host.SetPermissions("/local/domain/5/name", Tree.NodePermissions.Parse("n0,r5"));
        var guest = _store.Domain(5);
        await guest.Send(Convert.FromHexString("02000000070000000000000005000000" + "6e616d6500"));
        byte[] reply = new byte[20];
        await new NetworkStream(guest.Socket).ReadExactlyAsync(reply);
        Convert.ToHexStringLower(reply).Should().Be("02000000070000000000000004000000" + "64656d6f");
    }

    [Fact]
    public async Task A_message_may_come_byte_by_byte_and_several_may_come_together()
    {
        var client = _store.Socket();
        byte[] write = WireClient.Encode(MessageType.Write, "/slow\0value", request: 1);
        foreach (byte b in write)
            await client.Send(new[] { b });
        (await client.Receive())!.Text.Should().Be("OK\0");

        byte[] read = WireClient.Encode(MessageType.Read, "/slow\0");
        await client.Send(Enumerable.Repeat(read, 500).SelectMany(static m => m).ToArray());
        for (int i = 0; i < 500; i++)
            (await client.Receive())!.Text.Should().Be("value");
    }

    [Fact]
    public async Task The_largest_message_is_served()
    {
        var client = _store.Socket();
        string value = new('v', MessageHeader.MaximumPayload - "/big\0".Length);
        await client.Write("/big", value);
        (await client.Read("/big")).Should().Be(value);
    }

    [Theory]
    [InlineData(4097u)]
    [InlineData(uint.MaxValue)]
    public async Task A_larger_one_is_answered_with_an_error_and_the_connection_closed(uint length)
    {
        var client = _store.Socket();
        var neighbour = _store.Socket();
        byte[] header = new byte[MessageHeader.Size];
        new MessageHeader(MessageType.Write, 42, 0, length).Write(header);
        await client.Send(header);
        var answer = await client.Receive();
        answer!.Error.Should().Be("E2BIG");
        answer.Header.RequestId.Should().Be(42);
        (await client.Receive()).Should().BeNull();
        await neighbour.Write("/still", "here");
    }

    [Theory]
    [InlineData(15u)]
    [InlineData(16u)]
    [InlineData(20u)]
    [InlineData(23u)]
    [InlineData(0xffff_ffffu)]
    public async Task An_unknown_type_is_ENOSYS_and_the_connection_goes_on(uint type)
    {
        var client = _store.Socket();
        await client.Fail("ENOSYS", (MessageType)type, "/a\0");
        await client.Write("/a", "v");
    }

    [Fact]
    public async Task Closing_in_the_middle_of_a_message_harms_nobody()
    {
        var neighbour = _store.Socket();
        var client = _store.Socket();
        await client.Send(WireClient.Encode(MessageType.Write, "/half\0value").AsMemory(0, 20));
        client.Dispose();
        await neighbour.Fail("ENOENT", MessageType.Read, "/half\0");
    }

    [Fact]
    public async Task A_client_that_stops_sending_still_gets_its_answers()
    {
        var client = _store.Socket();
        await client.Send(WireClient.Encode(MessageType.Write, "/last\0word"));
        client.Socket.Shutdown(SocketShutdown.Send);
        (await client.Receive())!.Text.Should().Be("OK\0");
        (await client.Receive()).Should().BeNull();
    }

    [Fact]
    public async Task The_read_only_socket_reads_and_watches_and_refuses_changes()
    {
        _store.Host.Write("/a", "v");
        var client = _store.Socket("socket_ro");
        (await client.Read("/a")).Should().Be("v");
        await client.Watch("/a", "t");
        uint t = await client.Start();
        await client.Fail("EROFS", MessageType.Write, "/a\0w", t);
        await client.Commit(t);
        await client.Fail("EROFS", MessageType.Write, "/a\0w");
        await client.Fail("EROFS", MessageType.MakeDirectory, "/b\0");
        await client.Fail("EROFS", MessageType.Remove, "/a\0");
        await client.Fail("EROFS", MessageType.SetPermissions, "/a\0r0\0");
        await client.Fail("EROFS", MessageType.Introduce, "6\01000\03\0");
        await client.Fail("EROFS", MessageType.Release, "6\0");
        await client.Fail("EROFS", MessageType.Resume, "6\0");
        await client.Fail("EROFS", MessageType.SetTarget, "6\07\0");
        _store.Host.Read("/a").Should().Be("v");
    }
}
