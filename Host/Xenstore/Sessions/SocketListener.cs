using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>One of the server's Unix sockets. Whoever may open the file may connect, so the file's mode is the access check.</summary>
internal sealed class SocketListener : IAsyncDisposable
{
    private const int RetryMilliseconds = 100;

    private readonly Socket _socket;
    private readonly string _path;
    private readonly Action<Socket> _accepted;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <exception cref="IOException">The socket cannot be made; the message says why and what to do.</exception>
    public SocketListener(string path, UnixFileMode mode, Action<Socket> accepted, ILogger logger)
    {
        _path = path;
        _accepted = accepted;
        _logger = logger;
        RemoveStale(path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _socket.Bind(Address(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
            _socket.Listen(128);
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            _socket.Dispose();
            throw new IOException($"xenstore: cannot listen on {path}: {failure.Message}. Check that its directory exists and is writable.", failure);
        }

        XenstoreLog.Listening(logger, path);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _socket.Dispose();
        _stop.Dispose();
        File.Delete(_path);
    }

    private static UnixDomainSocketEndPoint Address(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException tooLong)
        {
            throw new IOException($"xenstore: {path} is too long for a Unix socket (about 107 bytes); choose a root directory with a shorter path.", tooLong);
        }
    }

    /// <summary>A server that was killed leaves its socket file; one that is alive answers on it.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(Address(path));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            Delete(path);
            return;
        }
        catch (SocketException other)
        {
            throw new IOException($"xenstore: {path} is in use and cannot be asked by whom: {other.Message}. Remove it if no server runs.", other);
        }

        throw new IOException($"xenstore: another server is listening on {path}; stop it first, or choose another root directory.");
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"xenstore: cannot remove {path}, which a dead server left behind: {denied.Message}", denied);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _accepted(await _socket.AcceptAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // Out of descriptors, most likely: it passes when some client leaves.
                XenstoreLog.AcceptFailed(_logger, _path, RetryMilliseconds, failure);
                await Task.Delay(RetryMilliseconds, CancellationToken.None);
            }
        }
    }
}
