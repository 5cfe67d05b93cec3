using System.Net.Sockets;
using NetSocket = System.Net.Sockets.Socket;

namespace Hospes.Consoles.Socket;

/// <summary>One person attached to a console: a queue of output towards them, and what they type.</summary>
internal sealed class ConsoleWatcher(NetSocket socket, int queueLimit)
{
    private const byte Bell = 7;
    private const int TypingChunk = 4096;

    private readonly OutputQueue _output = new(queueLimit);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Queues output; false: this watcher is too far behind and is to be dropped. One caller at a time.</summary>
    internal bool TryWrite(ReadOnlySpan<byte> output) => _output.TryAdd(output);

    /// <summary>What is queued is still sent, then the connection ends.</summary>
    internal void Complete() => _output.Complete();

    /// <summary>Ends the connection soon, on another thread.</summary>
    internal void Drop() => _ = _stop.CancelAsync();

    /// <summary>Serves the connection to its end.</summary>
    /// <param name="typed">Takes what was typed, answers how much of it was accepted.</param>
    internal async Task RunAsync(Func<ReadOnlyMemory<byte>, int> typed)
    {
        Task receiving = ReceiveAsync(typed);
        try
        {
            await Task.WhenAny(_output.DrainAsync(SendAsync, _stop.Token), receiving).ConfigureAwait(false);
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            socket.Dispose();
        }
    }

    private async Task ReceiveAsync(Func<ReadOnlyMemory<byte>, int> typed)
    {
        byte[] buffer = new byte[TypingChunk];
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token).ConfigureAwait(false);
            if (count == 0)
                return;
            if (typed(buffer.AsMemory(0, count)) < count)
                await RingBellAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> output, CancellationToken cancellation)
    {
        while (!output.IsEmpty)
            output = output[await socket.SendAsync(output, SocketFlags.None, cancellation).ConfigureAwait(false)..];
    }

    // As a terminal does when its input queue is full (termios: IMAXBEL).
    private async ValueTask RingBellAsync() => await socket.SendAsync(new[] { Bell }, SocketFlags.None, _stop.Token).ConfigureAwait(false);
}
