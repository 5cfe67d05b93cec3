using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>
/// A client that speaks the bare protocol. Replies and watch events are told apart here: <see cref="Ask"/> returns the reply, events queue up.
/// Everything that waits gives up after a while, so that a missing message fails a test instead of hanging it.
/// </summary>
internal sealed class WireClient(Socket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly Queue<WireMessage> _events = new();
    private uint _lastRequest;

    public Socket Socket => socket;

    public void Dispose() => _stream.Dispose();

    public async Task<WireMessage> Ask(MessageType type, string payload, uint transaction = 0)
    {
        uint request = ++_lastRequest;
        await Send(Encode(type, payload, transaction, request));
        while (true)
        {
            var message = await ReceiveRequired();
            if (message.Header.Type == MessageType.WatchEvent)
            {
                _events.Enqueue(message);
                continue;
            }

            message.Header.RequestId.Should().Be(request);
            message.Header.TransactionId.Should().Be(transaction);
            if (message.Header.Type != MessageType.Error)
                message.Header.Type.Should().Be(type);
            return message;
        }
    }

    public async Task Succeed(MessageType type, string payload, uint transaction = 0) =>
        (await Ask(type, payload, transaction)).Text.Should().Be("OK\0");

    public async Task Fail(string error, MessageType type, string payload, uint transaction = 0) =>
        (await Ask(type, payload, transaction)).Error.Should().Be(error);

    public async Task<string> Read(string path, uint transaction = 0) => (await Ask(MessageType.Read, path + "\0", transaction)).Text;

    public Task Write(string path, string value, uint transaction = 0) => Succeed(MessageType.Write, $"{path}\0{value}", transaction);

    public async Task<uint> Start() =>
        uint.Parse((await Ask(MessageType.TransactionStart, "\0")).Texts.Single(), CultureInfo.InvariantCulture);

    public Task Commit(uint transaction) => Succeed(MessageType.TransactionEnd, "T\0", transaction);

    /// <summary>Registers a watch and takes the event that comes at once.</summary>
    public async Task Watch(string path, string token)
    {
        await Succeed(MessageType.Watch, $"{path}\0{token}\0");
        (await NextEvent()).Should().Be($"{path} {token}");
    }

    /// <summary>The next event as "path token".</summary>
    public async Task<string> NextEvent()
    {
        var message = _events.TryDequeue(out var queued) ? queued : await ReceiveRequired();
        message.Header.Should().Be(new MessageHeader(MessageType.WatchEvent, 0, 0, (uint)message.Payload.Length));
        return string.Join(' ', message.Texts);
    }

    /// <summary>
    /// All events sent so far. Since a client's messages keep their order, the answer to one more request tells that there are no others.
    /// </summary>
    public async Task<string[]> EventsSoFar()
    {
        await Ask(MessageType.GetDomainPath, "0\0");
        var events = _events.Select(static e => string.Join(' ', e.Texts)).ToArray();
        _events.Clear();
        return events;
    }

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _stream.WriteAsync(bytes, patience.Token);
    }

    /// <summary>The next message; null if the server closed the connection.</summary>
    public async Task<WireMessage?> Receive()
    {
        using var patience = new CancellationTokenSource(Patience);
        byte[] header = new byte[MessageHeader.Size];
        try
        {
            await _stream.ReadExactlyAsync(header, patience.Token);
            var parsed = MessageHeader.Read(header);
            byte[] payload = new byte[parsed.Length];
            await _stream.ReadExactlyAsync(payload, patience.Token);
            return new(parsed, payload);
        }
        catch (Exception closed) when (closed is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    public static byte[] Encode(MessageType type, string payload, uint transaction = 0, uint request = 0)
    {
        byte[] message = new byte[MessageHeader.Size + payload.Length];
        new MessageHeader(type, request, transaction, (uint)payload.Length).Write(message);
        Encoding.Latin1.GetBytes(payload, message.AsSpan(MessageHeader.Size));
        return message;
    }

    private async Task<WireMessage> ReceiveRequired() =>
        await Receive() ?? throw new InvalidOperationException("the server closed the connection");
}
