using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Processes;

/// <summary>
/// The Host's side of one domain process: the process itself and the connection to it. Events come on the connection's thread, in order, and must
/// not block. Losing the connection is not the end of a domain; the end of the process is.
/// </summary>
internal sealed class DomainProcessClient : IDisposable
{
    private const int ConnectMilliseconds = 200;

    private readonly ConcurrentDictionary<int, TaskCompletionSource<ControlMessage.Reply>> _pending = new();
    private readonly TaskCompletionSource<BuiltDomain> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessHandle _process;
    private readonly ControlChannel _channel;
    private readonly string _logPath;
    private int _lastId;

    private DomainProcessClient(ProcessHandle process, Socket connection, string name, string logPath)
    {
        _process = process;
        _logPath = logPath;
        _channel = new ControlChannel(new DescriptorSocket(connection), Received, Closed, $"control {name}");
        _ = FailWhenProcessEndsAsync();
    }

    /// <summary>The guest stopped itself or cannot go on.</summary>
    public event Action<ControlMessage.Stopped>? Stopped;

    /// <summary>A line for the hypervisor's message buffer.</summary>
    public event Action<string>? Said;

    /// <summary>A device's back-end has something to publish.</summary>
    public event Action<ControlMessage.BackendChanged>? BackendChanged;

    /// <summary>Its guest was kept from sharing with another domain.</summary>
    public event Action<ControlMessage.SharingDenied>? SharingDenied;

    /// <summary>It has been told with whom its guest may share, or can be: it is new enough.</summary>
    public bool SpeaksOfPeers { get; private set; }

    /// <summary>The connection is no more, for a reason if it broke; the process may run on.</summary>
    public event Action<Exception?>? Disconnected;

    /// <summary>The process's number.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Done when the process has ended; says how.</summary>
    public Task<string> Exited => _process.Exited;

    /// <summary>Done when the domain is built; fails with <see cref="XendException"/> when it cannot be.</summary>
    public Task<BuiltDomain> Built => _built.Task;

    /// <summary>Connects to a domain process. Subscribe to the events, then <see cref="Start"/>.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    public static DomainProcessClient Connect(ProcessHandle process, string socketPath, string name, string logPath)
    {
        // A process that does not accept keeps nobody waiting: who finds no room in its queue is refused after this time (unix(7), SO_SNDTIMEO).
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = ConnectMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return new DomainProcessClient(process, socket, name, logPath);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"cannot reach the domain's process at {socketPath}: {failure.Message}", failure);
        }
    }

    /// <summary>Begins to read what the process says.</summary>
    public void Start() => _channel.Start();

    /// <summary>Says something that has no answer; to a process that is gone, nothing.</summary>
    public void Tell(ControlMessage message)
    {
        try
        {
            _channel.Send(message);
        }
        catch (IOException)
        {
            // Whoever watches the process deals with its end.
        }
    }

    /// <summary>Makes a request and waits for its answer.</summary>
    /// <exception cref="XendException">The process refused, went away, or did not answer in time.</exception>
    public async Task<ControlMessage.Reply> RequestAsync(Func<int, ControlMessage.Request> make, int[] descriptors, TimeSpan timeout, CancellationToken cancellation)
    {
        int id = Interlocked.Increment(ref _lastId);
        TaskCompletionSource<ControlMessage.Reply> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        ControlMessage.Request request = make(id);
        try
        {
            await Task.Run(() => _channel.Send(request, descriptors), cancellation);
            ControlMessage.Reply reply = await answer.Task.WaitAsync(timeout, cancellation);
            return reply.Error is null ? reply : throw XendException.Generic(reply.Error);
        }
        catch (IOException broken)
        {
            throw XendException.Generic($"The domain's process {ProcessId} cannot be reached: {broken.Message}", broken);
        }
        catch (TimeoutException late)
        {
            throw XendException.Generic(
                $"The domain's process {ProcessId} did not answer the request '{request.GetType().Name}' within {timeout.TotalSeconds:0} s.", late);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Ends the process at once.</summary>
    public void Kill() => _process.Signal(Libc.SignalKill);

    /// <summary>Closes the connection; the process runs on.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        _process.Dispose();
    }

    private void Received(ControlMessage message, IReadOnlyList<int> descriptors)
    {
        if (message is ControlMessage.Built built && descriptors is [int leases])
        {
            SafeFileHandle page = new(leases, ownsHandle: true);
            if (!_built.TrySetResult(new BuiltDomain(built, page)))
                page.Dispose();
            return;
        }

        foreach (int descriptor in descriptors)
            Libc.Close(descriptor); // nothing else comes with any
        switch (message)
        {
            case ControlMessage.BuildFailed failed:
                _built.TrySetException(XendException.Generic(failed.Message));
                break;
            case ControlMessage.Stopped stopped:
                Stopped?.Invoke(stopped);
                break;
            case ControlMessage.Said said:
                Said?.Invoke(said.Text);
                break;
            case ControlMessage.SharingDenied denied:
                SharingDenied?.Invoke(denied);
                break;
            case ControlMessage.BackendChanged changed:
                BackendChanged?.Invoke(changed);
                break;
            case ControlMessage.Reply reply when _pending.TryRemove(reply.Id, out TaskCompletionSource<ControlMessage.Reply>? waiting):
                waiting.TrySetResult(reply);
                break;
            case ControlMessage.Hello { Protocol: >= ControlMessage.PeersVersion and <= ControlMessage.ProtocolVersion }:
                SpeaksOfPeers = true;
                break;
            case ControlMessage.Hello { Protocol: > ControlMessage.ProtocolVersion or < ControlMessage.OldestVersion } hello:
                _built.TrySetException(XendException.Generic(
                    $"The domain's process speaks version {hello.Protocol} of the control protocol, this xend versions {ControlMessage.OldestVersion} to {ControlMessage.ProtocolVersion}: it belongs to {(hello.Protocol > ControlMessage.ProtocolVersion ? "a newer" : "an older")} one."));
                break;
        }
    }

    private void Closed(Exception? failure)
    {
        foreach (TaskCompletionSource<ControlMessage.Reply> waiting in _pending.Values)
            waiting.TrySetException(new IOException(failure?.Message ?? "the process closed the connection", failure));
        if (failure is JsonException or NotSupportedException)
            _built.TrySetException(XendException.Generic($"The domain's process {ProcessId} cannot be understood: {failure.Message}", failure));
        Disconnected?.Invoke(failure);
    }

    private async Task FailWhenProcessEndsAsync()
    {
        string how = await _process.Exited;
        _built.TrySetException(XendException.Generic($"The domain's process {ProcessId} {how} before the domain was built; {_logPath} may say why."));

        // Nobody need be waiting for the domain to be built; then the failure has been dealt with by whoever watches the process.
        _ = _built.Task.Exception;
    }
}
