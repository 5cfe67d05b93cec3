using System.Buffers;
using System.Text;
using Hospes.Host.Xenstore.Watches;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>
/// Messages on their way to a client. Filling it never blocks: replies are bounded because the next request is read only when there is room for
/// its answer, events by a limit with two remedies (see <see cref="OverflowPolicy"/>).
/// </summary>
/// <remarks>Lock order: the store's lock, then this one's.</remarks>
internal sealed class Outbox(XenstoreQuotas quotas, OverflowPolicy policy)
{
    private const int BatchBytes = 16384;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _filled = new(0, 1);
    private readonly HashSet<(Watch Watch, string Path)> _repeatable = [];
    private Queue<OutgoingMessage> _messages = new();
    private TaskCompletionSource? _room;
    private int _events;
    private int _replyBytes;
    private bool _overflowed;

    /// <summary>Raised once when a client under <see cref="OverflowPolicy.Disconnect"/> has too much waiting. Raised on a pool thread.</summary>
    public event Action? Overflowed;

    public void Reply(MessageHeader request, Reply reply)
    {
        byte[] message = new byte[MessageHeader.Size + reply.Payload.Length];
        reply.HeaderFor(request).Write(message);
        reply.Payload.CopyTo(message, MessageHeader.Size);
        lock (_lock)
        {
            _messages.Enqueue(new(message, null, ""));
            _replyBytes += message.Length;

            // A client may take an event after this reply as news that the reply did not have, so no later event may merge with an earlier one.
            _repeatable.Clear();
            SignalLocked();
        }
    }

    public void Event(Watch watch, string path)
    {
        lock (_lock)
        {
            if (_overflowed || !_repeatable.Add((watch, path)))
                return;
            _messages.Enqueue(new(null, watch, path));
            if (++_events > quotas.PendingEvents)
                OverflowLocked();
            SignalLocked();
        }
    }

    /// <summary>Completes when there is something to send, or <see cref="Wake"/> was called.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _filled.WaitAsync(cancellation);

    /// <summary>Completes when another reply may be put in.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_lock)
        {
            if (_replyBytes <= quotas.PendingReplyBytes)
                return Task.CompletedTask;
            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    public void Wake()
    {
        lock (_lock)
            SignalLocked();
    }

    /// <summary>Moves some messages, in order and whole, into a buffer to send; false if there are none.</summary>
    public bool TakeBatch(ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        lock (_lock)
        {
            while (buffer.WrittenCount < BatchBytes && _messages.TryDequeue(out var message))
            {
                if (message.Watch is { } watch)
                {
                    _events--;
                    _repeatable.Remove((watch, message.Path));
                    AppendEvent(buffer, watch, message.Path);
                    continue;
                }

                buffer.Write(message.Reply);
                _replyBytes -= message.Reply!.Length;
            }

            if (_room is { } room && _replyBytes <= quotas.PendingReplyBytes)
            {
                _room = null;
                room.SetResult();
            }
        }

        return buffer.WrittenCount > 0;
    }

    private static void AppendEvent(ArrayBufferWriter<byte> buffer, Watch watch, string path)
    {
        int length = path.Length + watch.Token.Length + 2;

        // A path too long for a message together with the token cannot be told; nobody can have asked for it in a message either.
        if (watch.IsCancelled || length > MessageHeader.MaximumPayload)
            return;
        var message = buffer.GetSpan(MessageHeader.Size + length)[..(MessageHeader.Size + length)];
        new MessageHeader(MessageType.WatchEvent, 0, 0, (uint)length).Write(message);
        var payload = message[MessageHeader.Size..];
        payload.Clear();
        Encoding.Latin1.GetBytes(path, payload);
        Encoding.Latin1.GetBytes(watch.Token, payload[(path.Length + 1)..]);
        buffer.Advance(message.Length);
    }

    private void OverflowLocked()
    {
        if (policy == OverflowPolicy.Disconnect)
        {
            _overflowed = true;
            ThreadPool.UnsafeQueueUserWorkItem(static outbox => outbox.Overflowed?.Invoke(), this, preferLocal: false);
            return;
        }

        // One event at each watch's own path says "look again at all of it", which is what the many would have said. They go to the end: an event
        // may come late, but not before a reply that knows nothing of it.
        var events = _messages.Where(static m => m.Watch is { IsCancelled: false }).Select(static m => m.Watch!).Distinct().ToList();
        _messages = new(_messages.Where(static m => m.Watch is null));
        _repeatable.Clear();
        foreach (var watch in events)
        {
            string path = watch.Present(watch.Path);
            _messages.Enqueue(new(null, watch, path));
            _repeatable.Add((watch, path));
        }

        _events = events.Count;
    }

    private void SignalLocked()
    {
        if (_filled.CurrentCount == 0)
            _filled.Release();
    }
}
