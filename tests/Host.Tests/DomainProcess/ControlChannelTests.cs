using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Tests.DomainProcess;

public sealed class ControlChannelTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<(ControlMessage Message, int[] Descriptors)> _received = [];
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _peer;
    private readonly ControlChannel _channel;

    public ControlChannelTests()
    {
        (Socket ours, _peer) = SocketPair.Create();
        _channel = new ControlChannel(
            new DescriptorSocket(ours), (message, descriptors) => _received.Add((message, [.. descriptors])), _closed.SetResult, "test");
        _channel.Start();
    }

    public void Dispose()
    {
        _channel.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task Messages_and_their_descriptors_arrive_together_and_in_order()
    {
        using ControlChannel peer = new(new DescriptorSocket(_peer), static (_, _) => { }, static _ => { }, "peer");
        string path = Path.GetTempFileName();
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, "through the socket"u8, 0);
            peer.Send(new ControlMessage.Said("first"));
            peer.Send(new ControlMessage.Attach { Id = 7 }, (int)file.DangerousGetHandle());
            peer.Send(new ControlMessage.Said("last"));
        }

        File.Delete(path);
        Next().Message.Should().Be(new ControlMessage.Said("first"));
        (ControlMessage message, int[] descriptors) = Next();
        message.Should().Be(new ControlMessage.Attach { Id = 7 });
        using SafeFileHandle received = new(descriptors.Should().ContainSingle().Subject, ownsHandle: true);
        byte[] content = new byte[64];
        int count = RandomAccess.Read(received, content, 0);
        Encoding.ASCII.GetString(content, 0, count).Should().Be("through the socket");
        (message, descriptors) = Next();
        message.Should().Be(new ControlMessage.Said("last"));
        descriptors.Should().BeEmpty();
        _closed.Task.IsCompleted.Should().BeFalse();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_peer_that_closes_ends_the_channel_without_a_failure()
    {
        _peer.Dispose();
        (await _closed.Task.WaitAsync(Patience)).Should().BeNull();
        FluentActions.Invoking(() => _channel.Send(new ControlMessage.Said("anybody?"))).Should().Throw<IOException>();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(ControlChannel.MaximumMessage + 1u)]
    [InlineData(uint.MaxValue)]
    public async Task An_impossible_length_ends_the_channel(uint length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, length);
        _peer.Send(prefix);
        (await _closed.Task.WaitAsync(Patience)).Should().BeOfType<IOException>().Which.Message.Should().Contain(length.ToString());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"$":"no such message"}""")]
    [InlineData("""{"$":"built","storePort":-1}""")]
    [InlineData("null")]
    public async Task Garbage_ends_the_channel(string body)
    {
        byte[] framed = [0, 0, 0, 0, .. Encoding.UTF8.GetBytes(body)];
        BinaryPrimitives.WriteInt32LittleEndian(framed, body.Length);
        _peer.Send(framed);
        (await _closed.Task.WaitAsync(Patience)).Should().NotBeNull();
        _received.Should().BeEmpty();
    }

    [Fact]
    public async Task A_message_that_is_cut_off_ends_the_channel_with_a_failure()
    {
        _peer.Send([9, 0, 0, 0, (byte)'{']);
        _peer.Dispose();
        (await _closed.Task.WaitAsync(Patience)).Should().BeOfType<IOException>();
    }

    private (ControlMessage Message, int[] Descriptors) Next() =>
        _received.TryTake(out (ControlMessage, int[]) next, Patience) ? next : throw new TimeoutException("no message came");
}
