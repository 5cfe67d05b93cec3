using System.Net.Sockets;
using Hospes.Sdk.Consoles;
using NetSocket = System.Net.Sockets.Socket;

namespace Hospes.Consoles.Socket;

/// <summary>One guest's console on a Unix socket.</summary>
/// <remarks>
/// One lock orders output against attaching, so a person sees history and what follows with nothing twice and nothing missing. Nothing that can
/// wait is done under it.
/// </remarks>
internal sealed class SocketConsole : IConsole
{
    /// <summary>How far behind the guest a watcher may be, beyond the history it is sent first.</summary>
    internal const int SlackBytes = 256 * 1024;

    /// <summary>Each watcher can hold a queue of memory; only the owner can attach at all, so this is against accidents.</summary>
    internal const int MostWatchers = 32;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptRetryTime = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<ConsoleWatcher, Task> _watchers = [];
    private readonly ConsoleSettings _settings;
    private readonly NetSocket _listener;
    private readonly ConsoleLog? _log;
    private readonly HistoryBuffer _history;
    private readonly InputQueue _input = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private bool _disposed;

    internal SocketConsole(ConsoleSettings settings, NetSocket listener, ConsoleLog? log)
    {
        _settings = settings;
        _listener = listener;
        _log = log;
        _history = new HistoryBuffer(settings.HistoryBytes);
        _accepting = AcceptAsync();
    }

    /// <inheritdoc/>
    public event Action? InputArrived;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> fromGuest)
    {
        if (fromGuest.IsEmpty)
            return;
        lock (_lock)
        {
            if (_disposed)
                return;
            _history.Append(fromGuest);
            _log?.Write(fromGuest);
            foreach (ConsoleWatcher watcher in _watchers.Keys)
            {
                if (!watcher.TryWrite(fromGuest))
                    watcher.Drop();
            }
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> toGuest) => _input.Take(toGuest);

    /// <inheritdoc/>
    public void Dispose()
    {
        ConsoleWatcher[] watchers;
        Task[] farewells;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            watchers = [.. _watchers.Keys];
            farewells = [.. _watchers.Values];
        }
        _stop.Cancel();
        _listener.Dispose();
        ConsoleSocket.Remove(_settings.SocketPath);
        // The guest's last words are what people attach for; they get them, unless they are too slow.
        Array.ForEach(watchers, watcher => watcher.Complete());
        if (!Task.WaitAll(farewells, FarewellTime))
            Array.ForEach(watchers, watcher => watcher.Drop());
        _accepting.Wait();
        _log?.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Attach(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                // Out of file descriptors, most likely: the waiting connection stays in the backlog until there is one again.
                await Task.Delay(AcceptRetryTime).ConfigureAwait(false);
            }
            catch (Exception ending) when (ending is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Attach(NetSocket socket)
    {
        var watcher = new ConsoleWatcher(socket, _settings.HistoryBytes + SlackBytes);
        lock (_lock)
        {
            if (_disposed || _watchers.Count >= MostWatchers)
            {
                socket.Dispose();
                return;
            }
            _history.Read(out ReadOnlySpan<byte> older, out ReadOnlySpan<byte> newer);
            watcher.TryWrite(older);
            watcher.TryWrite(newer);
            _watchers.Add(watcher, Task.Run(() => ServeAsync(watcher)));
        }
    }

    private async Task ServeAsync(ConsoleWatcher watcher)
    {
        try
        {
            await watcher.RunAsync(Type).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(watcher);
        }
    }

    private int Type(ReadOnlyMemory<byte> typed)
    {
        int taken = _input.Add(typed.Span, out bool wasEmpty);
        if (wasEmpty && taken > 0)
            InputArrived?.Invoke();
        return taken;
    }
}
