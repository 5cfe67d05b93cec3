using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore.Access;

/// <summary>The Host's own way into the store, as dom0. Any number may be made; all members may be called from any thread.</summary>
public sealed class XenstoreClient : StoreAccess
{
    /// <summary>Tries that other clients may spoil before they have to wait.</summary>
    private const int OptimisticTries = 8;

    private readonly StoreEngine _engine;
    private readonly ILogger _logger;
    private readonly Caller _caller = new(DomainId.Zero);

    internal XenstoreClient(StoreEngine engine, ILogger logger)
    {
        _engine = engine;
        _logger = logger;
    }

    /// <summary>Makes several changes that others see all at once or not at all.</summary>
    /// <param name="work">What to do. May be run several times; must not touch anything but the transaction it is given. If it throws, nothing happens.</param>
    /// <exception cref="XenstoreException">A request inside was refused.</exception>
    public void Atomically(Action<XenstoreTransaction> work) => Atomically(transaction =>
    {
        work(transaction);
        return true;
    });

    /// <inheritdoc cref="Atomically(Action{XenstoreTransaction})"/>
    public T Atomically<T>(Func<XenstoreTransaction, T> work)
    {
        for (int attempt = 0; attempt < OptimisticTries; attempt++)
        {
            if (TryOnce(work, out var result))
                return result;
        }

        // A guest that keeps changing what this reads must not keep the control plane from finishing: nobody else gets a word in now.
        lock (_engine.Gate)
            return TryOnce(work, out var result) ? result : throw new InvalidOperationException("a transaction conflicted with itself");
    }

    /// <summary>
    /// Calls back with the changed path whenever something at or below <paramref name="path"/> changes, and once at the start. Calls come one at a time,
    /// on pool threads, and may lag; changes of one path that come while one is still to be told are told once.
    /// </summary>
    /// <param name="path">An absolute path, which need not exist; or <c>@introduceDomain</c>, <c>@releaseDomain</c>.</param>
    /// <param name="changed">Gets the changed path. What it throws is logged and ends nothing.</param>
    /// <returns>Dispose to end the watch; a call that has begun still runs to its end.</returns>
    public IDisposable Watch(string path, Action<string> changed)
    {
        if (!StorePath.TryParse(path, DomainId.Zero, out var at, out bool relative) || relative)
            throw new XenstoreException(XenstoreError.EINVAL, "watch", path);
        return new CallbackWatch(_engine, at, changed, _logger);
    }

    private protected override XenstoreError Apply(Func<StoreOperations, XenstoreError> work)
    {
        lock (_engine.Gate)
        {
            var error = _engine.Apply(_caller, null, work);
            _engine.DeliverEvents();
            return error;
        }
    }

    private bool TryOnce<T>(Func<XenstoreTransaction, T> work, out T result)
    {
        WorkingCopy copy;
        lock (_engine.Gate)
            copy = _engine.BeginTransaction();
        result = work(new XenstoreTransaction(copy, _caller, _engine.Quotas));
        lock (_engine.Gate)
        {
            bool committed = _engine.Commit(_caller, copy) == XenstoreError.None;
            _engine.DeliverEvents();
            return committed;
        }
    }
}
