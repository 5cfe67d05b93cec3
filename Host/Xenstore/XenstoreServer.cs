using System.Collections.Concurrent;
using System.Net.Sockets;
using Hospes.Host.State;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Journal;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Requests;
using Hospes.Host.Xenstore.Sessions;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Xenstore;

/// <summary>
/// The store: a tree of small values with permissions, watches and transactions, through which guests, their devices' back-ends and tools find
/// each other. Serves Unix sockets (as dom0), domains' rings (as streams that carry the ring's bytes), and the Host itself
/// (<see cref="Connect"/>). All members may be called from any thread.
/// </summary>
public sealed class XenstoreServer : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAndGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly StoreJournal? _journal;
    private readonly StoreEngine _engine;
    private readonly DomainTable _domains;
    private readonly RequestDispatcher _dispatcher;
    private readonly ILogger _logger;
    private readonly List<SocketListener> _listeners = [];
    private readonly ConcurrentDictionary<StreamPump, Task> _running = new();
    private volatile bool _disposed;

    /// <summary>A store that serves nobody yet.</summary>
    /// <param name="quotas">What domains may use.</param>
    /// <param name="logger">Told what goes wrong.</param>
    /// <param name="journal">A file that keeps the store over the life of this process, and from which it is read; null: it begins empty and is not kept.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public XenstoreServer(XenstoreQuotas? quotas = null, ILogger<XenstoreServer>? logger = null, string? journal = null)
    {
        _logger = logger ?? NullLogger<XenstoreServer>.Instance;
        StoreTree? tree = null;
        _journal = journal is null ? null : StoreJournal.Open(new StateFiles(), journal, _logger, out tree);
        _engine = new StoreEngine(quotas ?? new XenstoreQuotas(), _journal, tree);
        _domains = new DomainTable(_engine);
        _dispatcher = new RequestDispatcher(_engine, _domains);
    }

    /// <summary>Says whether a domain may get at the nodes of another; called with the store's lock held, so it asks nothing of the store. Null: every domain may.</summary>
    public Func<DomainId, DomainId, bool>? Mediator
    {
        get => _domains.Mediator;
        set => _domains.Mediator = value;
    }

    /// <summary>
    /// Listens on <c>socket</c> (mode 0600) and <c>socket_ro</c> (0660, refuses changes with EROFS) in <paramref name="directory"/>, which is made
    /// if missing: <c>var/run/xenstored</c> under the appliance's root. Takes over the files of a server that died.
    /// </summary>
    /// <exception cref="IOException">A socket cannot be made, or another server is alive there.</exception>
    public void Start(string directory)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Directory.CreateDirectory(directory);
        _listeners.Add(new(Path.Combine(directory, "socket"), OwnerOnly, socket => Accept(socket, readOnly: false), _logger));
        _listeners.Add(new(Path.Combine(directory, "socket_ro"), OwnerAndGroup, socket => Accept(socket, readOnly: true), _logger));
    }

    /// <summary>
    /// Serves a domain over a stream that carries exactly what its xenstore ring carries. Owns the stream. Watches and transactions belong to the
    /// domain: they outlive the stream and end with <see cref="ReleaseDomain"/>. A second stream for one domain replaces the first.
    /// </summary>
    /// <returns>Completes, never faulted, when the stream has ended.</returns>
    public Task ServeDomain(DomainId domain, Stream stream)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        StreamPump pump;
        Task before;
        lock (_engine.Gate)
        {
            var entry = _domains.GetOrAdd(domain);
            before = entry.Pump is { } old ? _running.GetValueOrDefault(old, Task.CompletedTask) : Task.CompletedTask;
            entry.Pump?.Stop();
            entry.Pump = pump = new StreamPump(_dispatcher, entry.Session, stream, _logger);
        }

        return Run(pump, domain, before, static () => { });
    }

    /// <inheritdoc cref="ServeDomain(DomainId, Stream)"/>
    public Task ServeDomain(DomainId domain, Socket socket) => ServeDomain(domain, new NetworkStream(socket, ownsSocket: true));

    /// <summary>
    /// Knows a domain again that an earlier Host has introduced: nobody is told. Its transactions of that time end with EAGAIN, so that the guest begins
    /// them anew. Before <see cref="ServeDomain(DomainId, Stream)"/>.
    /// </summary>
    /// <param name="domain">Its number.</param>
    /// <param name="isShutDown">That it has shut down was announced.</param>
    public void ContinueDomain(DomainId domain, bool isShutDown)
    {
        lock (_engine.Gate)
        {
            DomainEntry entry = _domains.GetOrAdd(domain);
            entry.IsIntroduced = true;
            entry.IsShutDown = isShutDown;
            entry.Session.ContinueFrom(_engine.FirstTransaction);
        }
    }

    /// <summary>Announces a domain: fires <c>@introduceDomain</c>.</summary>
    public void IntroduceDomain(DomainId domain) => Announce(() => _domains.Introduce(domain));

    /// <summary>Announces that a domain has shut down or crashed but isn't gone yet: fires <c>@releaseDomain</c>, once per introduction.</summary>
    public void NotifyShutdown(DomainId domain) => Announce(() => _domains.Shutdown(domain));

    /// <summary>
    /// Forgets a domain: closes its stream, drops its watches and transactions and fires <c>@releaseDomain</c>. Its nodes stay until somebody removes
    /// them. Does nothing for a domain that isn't known.
    /// </summary>
    public void ReleaseDomain(DomainId domain) => Announce(() => _domains.Release(domain));

    /// <summary>True from a domain's introduction to its release; always for dom0.</summary>
    public bool IsIntroduced(DomainId domain)
    {
        lock (_engine.Gate)
            return _domains.IsIntroduced(domain);
    }

    /// <summary>Access for the Host's own code, as dom0: no permission or quota stops it.</summary>
    public XenstoreClient Connect() => new(_engine, _logger);

    /// <summary>Stops listening, closes all connections and removes the socket files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        foreach (var pump in _running.Keys)
            pump.Stop();
        await Task.WhenAll(_running.Values);
        lock (_engine.Gate)
            _journal?.Dispose();
    }

    private void Announce(Action what)
    {
        lock (_engine.Gate)
        {
            what();
            _engine.DeliverEvents();
        }
    }

    private void Accept(Socket socket, bool readOnly)
    {
        var session = new ClientSession(new Caller(DomainId.Zero, ReadOnly: readOnly), new Outbox(_engine.Quotas, OverflowPolicy.Disconnect));
        var pump = new StreamPump(_dispatcher, session, new NetworkStream(socket, ownsSocket: true), _logger);
        _ = Run(pump, DomainId.Zero, Task.CompletedTask, () =>
        {
            lock (_engine.Gate)
                session.End(_engine.Watches);
        });
    }

    private Task Run(StreamPump pump, DomainId domain, Task after, Action ended)
    {
        // Entered before it runs, so that a stop of the server finds it; the task leaves by itself.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[pump] = done.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                await after;
                await pump.RunAsync();
            }
            catch (Exception fault)
            {
                // Whatever a client manages to break, it breaks its own connection only.
                XenstoreLog.ConnectionFault(_logger, domain.Value, fault);
            }
            finally
            {
                ended();
                _running.TryRemove(pump, out _);
                done.SetResult();
            }
        });
        if (_disposed)
            pump.Stop();
        return done.Task;
    }
}
