using System.Threading.Channels;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Events;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends;

/// <summary>Carries messages between the guest's store ring and a store's byte stream.</summary>
/// <remarks>
/// Whole messages only cross over, in both directions, so a stream that breaks in the middle of one leaves the ring in order; the journal then makes
/// the next stream continue where the last one ended. The vCPU's thread only sets signals; pool threads do the carrying.
/// Worked example: READ "name" from the guest, 16 + 5 bytes, is taken from req whole, noted in the journal and written to the stream; the answer is read
/// from the stream whole, struck from the journal and put into rsp, in parts if the guest reads slowly, with a notification after each.
/// A guest may leave a notification out: Linux notifies of new bytes only if it sees all earlier ones taken, and puts no fence between storing its
/// producer index and that look. If we take bytes at the same moment, it sees them untaken and we see no new ones, because its store is still on its
/// way; both would wait for ever. Stores arrive within microseconds, so whoever has moved an index here looks once more before it waits for good.
/// </remarks>
internal sealed class XenstoreRing : IDisposable
{
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(1);

    private readonly XenstorePage _page;
    private readonly GuestLog _log;
    private readonly BackendChannel _channel;
    private readonly XenstoreJournal _journal = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<Stream> _streams = Channel.CreateUnbounded<Stream>();
    private readonly Channel<bool> _requestSignal = NewSignal();
    private readonly Channel<bool> _roomSignal = NewSignal();
    private readonly Lock _connectionLock = new();
    private CancellationTokenSource? _connection;

    internal XenstoreRing(XenstorePage page, EventChannels channels, GuestLog log)
    {
        _page = page;
        _log = log;
        _channel = channels.AllocateBackend(OnNotify);
        _ = Task.Run(CarryAsync);
    }

    /// <summary>The guest's port.</summary>
    internal EventPort Port => _channel.Port;

    /// <summary>Carries over this stream from now on, and closes the last one.</summary>
    internal void Connect(Stream store)
    {
        lock (_connectionLock)
        {
            if (!_streams.Writer.TryWrite(store))
                store.Dispose();
            _connection?.Cancel();
        }
    }

    public void Dispose()
    {
        if (!_page.Close())
            return;
        _streams.Writer.TryComplete();
        _end.Cancel();
        _channel.Dispose();
    }

    private static Channel<bool> NewSignal() =>
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private void OnNotify()
    {
        _requestSignal.Writer.TryWrite(true);
        _roomSignal.Writer.TryWrite(true);
    }

    private async Task CarryAsync()
    {
        try
        {
            await foreach (Stream stream in _streams.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
            {
                await using (stream.ConfigureAwait(false))
                    await ServeAsync(stream).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The domain ends.
        }
        catch (Exception failure)
        {
            _log.Say($"the guest has lost its store: {failure}");
        }

        // Streams that come too late are closed, not used.
        _streams.Writer.TryComplete();
        while (_streams.Reader.TryRead(out Stream? late))
            await late.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ServeAsync(Stream stream)
    {
        using CancellationTokenSource connection = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        lock (_connectionLock)
        {
            // A newer stream is waiting already: this one is over before it began.
            if (_streams.Reader.TryPeek(out _))
                return;
            _connection = connection;
        }

        Task sending = UntilBrokenAsync(SendAsync(stream, connection.Token), connection);
        Task receiving = UntilBrokenAsync(ReceiveAsync(stream, connection.Token), connection);
        await Task.WhenAll(sending, receiving).ConfigureAwait(false);
        lock (_connectionLock)
            _connection = null;
    }

    private static async Task UntilBrokenAsync(Task direction, CancellationTokenSource connection)
    {
        try
        {
            await direction.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The store went away; the Host brings another stream when it is back.
        }

        await connection.CancelAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(Stream stream, CancellationToken broken)
    {
        foreach (byte[] message in _journal.Replay())
            await stream.WriteAsync(message, broken).ConfigureAwait(false);
        bool hasMoved = false;
        while (true)
        {
            ReadOnlyMemory<byte> request = _journal.IsFull ? default : TakeRequest(ref hasMoved);
            if (request.IsEmpty)
            {
                await SignalAsync(_requestSignal.Reader, hasMoved, broken).ConfigureAwait(false);
                hasMoved = false;
                continue;
            }

            _journal.Sending(request.Span);
            await stream.WriteAsync(request, broken).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> TakeRequest(ref bool hasMoved)
    {
        ReadOnlyMemory<byte> request = _page.TakeRequest(out bool moved);
        hasMoved |= moved;
        if (moved)
            _channel.Notify();
        return request;
    }

    /// <summary>Waits for a signal; after a move of ours only for as long as a store of the guest may take to arrive.</summary>
    private static async Task SignalAsync(ChannelReader<bool> signal, bool hasMoved, CancellationToken end)
    {
        Task<bool> signalled = signal.WaitToReadAsync(end).AsTask();
        if (hasMoved)
            await Task.WhenAny(signalled, Task.Delay(SecondLook, end)).ConfigureAwait(false);
        else
            await signalled.ConfigureAwait(false);
        end.ThrowIfCancellationRequested();
        signal.TryRead(out _);
    }

    private async Task ReceiveAsync(Stream stream, CancellationToken broken)
    {
        byte[] buffer = new byte[XenstoreMessage.HeaderSize + XenstoreMessage.LargestPayload];
        while (true)
        {
            await stream.ReadExactlyAsync(buffer.AsMemory(0, XenstoreMessage.HeaderSize), broken).ConfigureAwait(false);
            XenstoreMessage header = XenstoreMessage.Read(buffer);
            if (header.Length > XenstoreMessage.LargestPayload)
                throw new IOException($"the store sent a message of {header.Length} bytes; {XenstoreMessage.LargestPayload} are the limit");
            int length = XenstoreMessage.HeaderSize + (int)header.Length;
            await stream.ReadExactlyAsync(buffer.AsMemory(XenstoreMessage.HeaderSize, (int)header.Length), broken).ConfigureAwait(false);
            bool isForGuest = _journal.Received(header);
            _requestSignal.Writer.TryWrite(true);
            if (isForGuest)
                await DeliverAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a whole message to the ring, as room comes; a broken stream does not end this, only the domain's end does.</summary>
    private async Task DeliverAsync(ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
        {
            int count = _page.Put(message.Span);
            message = message[count..];
            if (count != 0)
                _channel.Notify();
            if (!message.IsEmpty)
                await SignalAsync(_roomSignal.Reader, count != 0, _end.Token).ConfigureAwait(false);
        }
    }
}
