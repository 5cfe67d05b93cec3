using System.Buffers.Binary;

namespace Hospes.Hypervisor.Backends;

/// <summary>
/// What a store that comes back must be told for the guest not to notice that it was away: the watches the guest has set, and its requests that were
/// sent and not answered. A store answers the requests of one connection in order.
/// </summary>
internal sealed class XenstoreJournal
{
    // A guest may send many requests before it reads an answer; above this its ring has to wait.
    private const int MostUnanswered = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _watches = [];
    private readonly List<byte[]> _unanswered = [];
    private int _unansweredBytes;
    private int _answersToSwallow;

    /// <summary>No further request may be sent until one is answered.</summary>
    internal bool IsFull
    {
        get
        {
            lock (_lock)
                return _unansweredBytes >= MostUnanswered;
        }
    }

    /// <summary>A request is about to be sent.</summary>
    internal void Sending(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            _unanswered.Add(message.ToArray());
            _unansweredBytes += message.Length;
        }
    }

    /// <summary>A message came from the store. False: it answers something the guest did not ask, and is not for it.</summary>
    internal bool Received(in XenstoreMessage message)
    {
        lock (_lock)
        {
            if (message.Type == XenstoreMessage.WatchEvent)
                return true;
            if (_answersToSwallow > 0)
            {
                _answersToSwallow--;
                return false;
            }

            if (_unanswered.Count == 0)
                return true;
            byte[] request = _unanswered[0];
            _unanswered.RemoveAt(0);
            _unansweredBytes -= request.Length;
            if (message.Type != XenstoreMessage.Error)
                NoteWatch(request);
            return true;
        }
    }

    /// <summary>The messages that bring a new connection to where the last one was.</summary>
    internal List<byte[]> Replay()
    {
        lock (_lock)
        {
            _answersToSwallow = _watches.Count;
            return [.. _watches, .. _unanswered];
        }
    }

    private void NoteWatch(byte[] request)
    {
        switch (BinaryPrimitives.ReadUInt32LittleEndian(request))
        {
            case XenstoreMessage.Watch:
                _watches.Add(request);
                break;
            case XenstoreMessage.Unwatch:
                ReadOnlyMemory<byte> payload = request.AsMemory(XenstoreMessage.HeaderSize);
                int index = _watches.FindIndex(watch => watch.AsSpan(XenstoreMessage.HeaderSize).SequenceEqual(payload.Span));
                if (index >= 0)
                    _watches.RemoveAt(index);
                break;
            case XenstoreMessage.ResetWatches:
                _watches.Clear();
                break;
        }
    }
}
