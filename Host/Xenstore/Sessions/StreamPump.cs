using System.Buffers;
using System.Net.Sockets;
using Hospes.Host.Xenstore.Requests;
using Hospes.Host.Xenstore.Wire;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>
/// Carries one client's messages between a stream and the store until either side ends it. A message may come in any number of pieces; one that
/// claims more than 4096 bytes is answered E2BIG and ends the connection, since where the next one starts is then anybody's guess.
/// </summary>
internal sealed class StreamPump(RequestDispatcher dispatcher, ClientSession session, Stream stream, ILogger logger)
{
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private volatile bool _draining;

    /// <summary>Ends the connection soon, without waiting for anything. May be called at any time, from anywhere.</summary>
    public void Stop() => ThreadPool.UnsafeQueueUserWorkItem(static stop => stop.Cancel(), _stop, preferLocal: false);

    /// <summary>Returns when the connection is over; the stream is then closed.</summary>
    public async Task RunAsync()
    {
        session.Outbox.Overflowed += OnOverflow;
        var writing = Ignoring(WriteAsync);
        try
        {
            await Ignoring(ReadAsync);

            // The client may have closed only its sending side; what it asked before is still answered, if it takes the answers.
            _draining = true;
            session.Outbox.Wake();
            _stop.CancelAfter(LastWordsTimeout);
            await writing;
        }
        finally
        {
            session.Outbox.Overflowed -= OnOverflow;
            await stream.DisposeAsync();
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[2 * (MessageHeader.Size + MessageHeader.MaximumPayload)];
        int filled = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), _stop.Token);
            if (read == 0)
                return;
            filled += read;
            int used = 0;
            while (filled - used >= MessageHeader.Size)
            {
                var header = MessageHeader.Read(buffer.AsSpan(used));
                if (header.Length > MessageHeader.MaximumPayload)
                {
                    Refuse(header);
                    return;
                }

                int length = MessageHeader.Size + (int)header.Length;
                if (filled - used < length)
                    break;
                await session.Outbox.WaitForRoomAsync().WaitAsync(_stop.Token);
                dispatcher.Handle(session, header, buffer.AsSpan(used + MessageHeader.Size, (int)header.Length));
                used += length;
            }

            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
        }
    }

    private async Task WriteAsync()
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (true)
        {
            bool draining = _draining;
            if (session.Outbox.TakeBatch(buffer))
                await stream.WriteAsync(buffer.WrittenMemory, _stop.Token);
            else if (draining)
                return;
            else
                await session.Outbox.WaitAsync(_stop.Token);
        }
    }

    /// <summary>A connection that breaks is the client's affair; the other direction then ends too.</summary>
    private async Task Ignoring(Func<Task> direction)
    {
        try
        {
            await direction();
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await _stop.CancelAsync();
        }
    }

    private void Refuse(MessageHeader header)
    {
        XenstoreLog.OversizedMessage(logger, session.Caller.Domain.Value, header.Length);
        session.Outbox.Reply(header, XenstoreError.E2BIG);
    }

    private void OnOverflow()
    {
        XenstoreLog.SlowClient(logger, session.Caller.Domain.Value);
        _stop.Cancel();
    }
}
