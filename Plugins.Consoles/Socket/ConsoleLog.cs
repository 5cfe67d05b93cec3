using System.Globalization;
using System.Text;

namespace Hospes.Consoles.Socket;

/// <summary>
/// The file to which a guest's output is appended. A disk that is slow or full costs the log some bytes, which it says when it can write again, and
/// the guest nothing.
/// </summary>
internal sealed class ConsoleLog : IDisposable
{
    private const int QueueLimit = 1 << 20;
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private readonly FileStream _file;
    private readonly OutputQueue _queue = new(QueueLimit);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writer;
    private long _lost;

    private ConsoleLog(FileStream file)
    {
        _file = file;
        _writer = _queue.DrainAsync(WriteAsync, _stop.Token);
    }

    internal static ConsoleLog Open(string domain, string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new ConsoleLog(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                // People type passwords at consoles, and guests print keys.
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot log the console of domain '{domain}' to {path}: {cause.Message}", cause);
        }
    }

    /// <summary>One caller at a time.</summary>
    internal void Write(ReadOnlySpan<byte> output)
    {
        if (!_queue.TryAdd(output))
            Interlocked.Add(ref _lost, output.Length);
    }

    public void Dispose()
    {
        _queue.Complete();
        if (!_writer.Wait(FlushTime))
            _stop.Cancel();
        _file.Dispose();
        _stop.Dispose();
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> output, CancellationToken cancellation)
    {
        long lost = Interlocked.Exchange(ref _lost, 0);
        try
        {
            if (lost != 0)
            {
                string note = string.Create(CultureInfo.InvariantCulture, $"\n[{lost} bytes of console output were lost here]\n");
                await _file.WriteAsync(Encoding.ASCII.GetBytes(note), cancellation).ConfigureAwait(false);
                lost = 0;
            }
            await _file.WriteAsync(output, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            Interlocked.Add(ref _lost, lost + output.Length);
        }
    }
}
