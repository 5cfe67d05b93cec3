using System.Globalization;
using System.Text;

namespace Hospes.Consoles.Socket;

/// <summary>
/// The file to which a guest's output is appended. A disk that is slow or full costs the log some bytes, which it says when it can write again, and
/// the guest nothing. A file that has grown to its limit becomes NAME.1, which replaces the one before: a guest fills no disk by talking.
/// </summary>
internal sealed class ConsoleLog : IDisposable
{
    /// <summary>Bytes after which a file is set aside.</summary>
    internal const long DefaultLimit = 16 << 20;

    private const int QueueLimit = 1 << 20;
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly long _limit;
    private readonly OutputQueue _queue = new(QueueLimit);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writer;
    private FileStream _file;
    private long _lost;

    private ConsoleLog(string path, long limit)
    {
        (_path, _limit) = (path, limit);
        _file = OpenFile(path);
        _writer = _queue.DrainAsync(WriteAsync, _stop.Token);
    }

    /// <summary>Opens the file, which need not be there.</summary>
    /// <param name="domain">Whose it is.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="limit">Bytes after which it is set aside.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static ConsoleLog Open(string domain, string path, long limit = DefaultLimit)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new ConsoleLog(path, limit);
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

    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        // People type passwords at consoles, and guests print keys.
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    // If it cannot be set aside, it goes on growing: better than to say nothing.
    private void SetAside()
    {
        try
        {
            File.Move(_path, $"{_path}.1", overwrite: true);
            FileStream next = OpenFile(_path);
            _file.Dispose();
            _file = next;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Tried again with the next output.
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> output, CancellationToken cancellation)
    {
        long lost = Interlocked.Exchange(ref _lost, 0);
        try
        {
            if (_file.Length >= _limit && File.Exists(_path))
                SetAside();
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
