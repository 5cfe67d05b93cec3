using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Events;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// One queue of a connected device: a pair of rings, its channels, a queue of the tap, and the thread between them. Both directions are the same
/// thread's: what one guest sends at full speed must not cost its receptions more than their half. A packet now and then a guest sends on its own thread, and
/// takes the answer with it that dom0 has given meanwhile.
/// </summary>
internal sealed class NetworkQueue : IDisposable
{
    private readonly List<IDisposable> _parts = [];
    private readonly DeviceContext _context;
    private readonly TapQueue _tap;
    private readonly Transmitter _transmitter;
    private readonly Receiver _receiver;
    private readonly BackendChannel _transmitted;
    private readonly BackendChannel _received;
    private readonly BackendWorker _worker;
    private readonly Lock _transmitting = new(); // the worker, or a vCPU that sends by itself
    private readonly Lock _receiving = new(); // the same; taken last
    private volatile bool _isDrained; // the worker waits for frames, and for nothing else of the receiver's
    private bool _isStarted; // under the first lock
    private bool _isClosed; // under both

    /// <summary>Connects; what was taken is given back when it throws.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="front">The front-end's nodes.</param>
    /// <param name="path">What stands before the queue's nodes: nothing, or <c>queue-N/</c>.</param>
    /// <param name="tap">The other end; not taken over.</param>
    /// <param name="settings">What the control plane says.</param>
    /// <param name="counters">Counts for all queues' sakes; this queue's own.</param>
    internal NetworkQueue(DeviceContext context, FrontendNodes front, string path, TapQueue tap, NetworkSettings settings, NetworkCounters counters)
    {
        _context = context;
        _tap = tap;
        try
        {
            NetworkRing transmit = new(Keep(context.Map(front.Grant($"{path}tx-ring-ref"), write: true)).Page, 12);
            NetworkRing receive = new(Keep(context.Map(front.Grant($"{path}rx-ring-ref"), write: true)).Page, 8);
            _transmitter = new Transmitter(transmit, tap, context, settings, counters);
            _receiver = new Receiver(receive, tap, context, GuestAbilities.Read(front), counters, Notify);
            _worker = new BackendWorker($"{context.Address}/{path.TrimEnd('/')}", Work, failure => context.Fail(failure.Message));
            if (front.Text($"{path}event-channel-tx") is not null)
            {
                _transmitted = Keep(context.Bind(front.Port($"{path}event-channel-tx"), GuestTransmits));
                _received = Keep(context.Bind(front.Port($"{path}event-channel-rx"), _worker.Signal));
            }
            else
            {
                _transmitted = _received = Keep(context.Bind(front.Port($"{path}event-channel"), GuestTransmits));
            }
        }
        catch
        {
            _worker?.Dispose();
            DisposeParts();
            throw;
        }
    }

    /// <summary>Begins.</summary>
    internal void Start()
    {
        lock (_transmitting)
            _isStarted = true;
        _worker.Start();
        _worker.Signal();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // First whoever uses all the others: the vCPUs' threads, then our own.
        _transmitted.Dispose();
        _received.Dispose();
        lock (_transmitting)
        {
            lock (_receiving)
                _isClosed = true;
        }

        _worker.Dispose();
        _receiver.Release();
        DisposeParts();
    }

    private void Work(BackendWorker worker)
    {
        Span<int> tap = [_tap.Descriptor];
        Func<bool> hasFrame = () => _tap.HasFrame;
        while (!worker.IsStopping)
        {
            bool notify;
            long wait;
            lock (_transmitting)
                notify = _transmitter.Run(out wait);
            if (notify)
                _transmitted.Notify();
            _isDrained = false;
            ReceiveStop stop;
            long look;
            lock (_receiving)
                stop = _receiver.Run(out look);
            _isDrained = stop == ReceiveStop.Drained;
            if (stop == ReceiveStop.Turn || wait == 0)
                continue;

            // Without room for packets there is no use in waiting for any; the kernel drops what its own queue has no room for.
            long limit = look < 0 ? wait : wait < 0 ? look : Math.Min(wait, look);
            if (limit >= 0 || stop != ReceiveStop.Drained || !worker.Linger(hasFrame))
                worker.Wait(stop == ReceiveStop.Drained ? tap : [], limit);
        }
    }

    // On the vCPU's thread. Two threads are switched less than when the worker does it, which is half of a small answer's way to the wire.
    private void GuestTransmits()
    {
        bool isDone = false;
        bool notify = false;
        if (_transmitting.TryEnter())
        {
            try
            {
                if (_isClosed)
                    return;
                isDone = _isStarted && _transmitter.TryRunInline(out notify) && TakeAnswers();
            }
            catch (DeviceProtocolException failure)
            {
                _context.Fail(failure.Message);
                isDone = true;
            }
            finally
            {
                _transmitting.Exit();
            }
        }

        if (notify)
            _transmitted.Notify();
        if (!isDone)
            _worker.Signal();
    }

    // dom0 answers within the system call that sends. False: the worker has to look at what there is.
    private bool TakeAnswers()
    {
        if (!_isDrained || !_receiving.TryEnter())
            return true;
        try
        {
            return _isClosed || _receiver.Run(out _) == ReceiveStop.Drained;
        }
        finally
        {
            _receiving.Exit();
        }
    }

    private void Notify() => _received.Notify();

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    private void DisposeParts()
    {
        for (int part = _parts.Count - 1; part >= 0; part--)
            _parts[part].Dispose();
        _parts.Clear();
    }
}
