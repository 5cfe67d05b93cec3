using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Events;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// One queue of a connected device: a pair of rings, its channels, a queue of the tap, and the thread between them. Both directions are the same
/// thread's: what one guest sends at full speed must not cost its receptions more than their half.
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
            _receiver = new Receiver(receive, tap, context, GuestAbilities.Read(front), counters);
            _worker = new BackendWorker($"{context.Address}/{path.TrimEnd('/')}", Work, failure => context.Fail(failure.Message));
            if (front.Text($"{path}event-channel-tx") is not null)
            {
                _transmitted = Keep(context.Bind(front.Port($"{path}event-channel-tx"), _worker.Signal));
                _received = Keep(context.Bind(front.Port($"{path}event-channel-rx"), _worker.Signal));
            }
            else
            {
                _transmitted = _received = Keep(context.Bind(front.Port($"{path}event-channel"), _worker.Signal));
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
        _worker.Start();
        _worker.Signal();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The thread first: it uses all the others. A channel may still signal a worker that has ended, but not one whose descriptor is closed.
        _transmitted.Dispose();
        _received.Dispose();
        _worker.Dispose();
        _receiver.Release();
        DisposeParts();
    }

    private void Work(BackendWorker worker)
    {
        Span<int> tap = [_tap.Descriptor];
        while (!worker.IsStopping)
        {
            if (_transmitter.Run(out long wait))
                _transmitted.Notify();
            if (_receiver.Run(out bool isDrained, out bool isStarved))
                _received.Notify();
            if (!isDrained && !isStarved)
                continue;

            // Without room for packets there is no use in waiting for any; the kernel drops what its own queue has no room for.
            worker.Wait(isStarved ? [] : tap, wait);
        }
    }

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
