using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Watches;
using Hospes.Sdk;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore.Access;

/// <summary>A watch whose events are calls. The store only queues them; a pool thread makes the calls, one after another.</summary>
/// <remarks>Lock order: the store's lock, then this one's. Neither is held during a call.</remarks>
internal sealed class CallbackWatch : IWatchOwner, IDisposable
{
    private readonly StoreEngine _engine;
    private readonly Action<string> _changed;
    private readonly ILogger _logger;
    private readonly Watch _watch;
    private readonly Lock _lock = new();
    private readonly Queue<string> _pending = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private bool _calling;

    public CallbackWatch(StoreEngine engine, StorePath path, Action<string> changed, ILogger logger)
    {
        _engine = engine;
        _changed = changed;
        _logger = logger;
        _watch = new Watch(this, path, "", relative: false);
        lock (engine.Gate)
        {
            engine.Watches.Add(_watch);
            engine.FireInitial(_watch);
            engine.DeliverEvents();
        }
    }

    public Caller Caller { get; } = new(DomainId.Zero);

    public void Deliver(Watch watch, string eventPath)
    {
        lock (_lock)
        {
            if (_pending.Count >= _engine.Quotas.PendingEvents)
            {
                // Too slow to hear of each: one call for the watched path itself means "look again at all of it".
                _pending.Clear();
                _known.Clear();
                eventPath = watch.Path.Text;
            }

            if (!_known.Add(eventPath))
                return;
            _pending.Enqueue(eventPath);
            if (_calling)
                return;
            _calling = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Call(), this, preferLocal: false);
    }

    public void Dispose()
    {
        lock (_engine.Gate)
            _engine.Watches.Remove(_watch);
    }

    private void Call()
    {
        while (TryNext(out string path))
        {
            try
            {
                _changed(path);
            }
            catch (Exception fault)
            {
                XenstoreLog.CallbackFailed(_logger, _watch.Path.Text, fault);
            }
        }
    }

    private bool TryNext(out string path)
    {
        lock (_lock)
        {
            bool more = _pending.TryDequeue(out string? next) && !_watch.IsCancelled;
            path = next ?? "";
            _known.Remove(path);
            _calling = more;
            return more;
        }
    }
}
