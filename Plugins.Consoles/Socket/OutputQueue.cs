using System.Buffers;
using System.IO.Pipelines;

namespace Hospes.Consoles.Socket;

/// <summary>
/// Bytes on their way from the guest to one slow place: adding never waits, and beyond the limit it says no. One adder at a time, one reader.
/// </summary>
internal sealed class OutputQueue(int limit)
{
    // The pipe's own threshold would make the writer wait; the limit is kept here instead.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private int _queued;

    internal bool TryAdd(ReadOnlySpan<byte> output)
    {
        if (Volatile.Read(ref _queued) > limit - output.Length)
            return false;
        Interlocked.Add(ref _queued, output.Length);
        _pipe.Writer.Write(output);
        // Completes at once: without a threshold there is nothing to wait for, and the reader is resumed on another thread.
        _ = _pipe.Writer.FlushAsync();
        return true;
    }

    /// <summary>No more will be added; the reader ends after what is there.</summary>
    internal void Complete() => _pipe.Writer.Complete();

    /// <summary>Hands everything that is added to <paramref name="destination"/>, until completed.</summary>
    internal async Task DrainAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> destination, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await _pipe.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                await destination(part, cancellation).ConfigureAwait(false);
                Interlocked.Add(ref _queued, -part.Length);
            }
            _pipe.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
