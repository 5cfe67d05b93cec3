namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>
/// One device of a guest, back-end side: keeps the states of the handshake (fact sheets "xend", section 5.3, and "Storage", section 4) and has the
/// back-end do the work.
/// </summary>
/// <remarks>
/// Worked example: made, it offers and waits (2). The front-end announces its rings (3; network front-ends go to 4 at once): connect, 4. The front-end
/// closes (5): 5, disconnected; it has closed (6): 6. If it begins anew (1): offers again, 2. A device that is to go, or whose back-end failed, is
/// closed from this side: 5, and the front-end follows.
/// A guest may write states as fast as it can: only the latest is looked at, one at a time, on a pool thread.
/// </remarks>
public sealed class BackendDevice
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly Lock _lock = new();
    private readonly IDeviceBackend _backend;
    private readonly Action<DeviceReport> _report;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrontendNodes? _next;
    private XenbusState _front;
    private IReadOnlyDictionary<string, string>? _news;
    private string? _failure;
    private bool _isBusy;
    private bool _mustOffer = true;
    private bool _mustClose;
    private bool _mustGo;
    private DeviceReport _last;

    internal BackendDevice(DeviceAddress address, Func<BackendDevice, IDeviceBackend> make, Action<DeviceReport> report)
    {
        Address = address;
        _report = report;
        _last = new DeviceReport(address, XenbusState.Initialising, Nothing, null);
        _backend = make(this);
    }

    /// <summary>Which device it is.</summary>
    public DeviceAddress Address { get; }

    /// <summary>The back-end.</summary>
    public IDeviceBackend Backend => _backend;

    /// <summary>What was made known last: what a Host that comes later must be told.</summary>
    public DeviceReport Last
    {
        get
        {
            lock (_lock)
                return _last;
        }
    }

    /// <summary>Begins the handshake.</summary>
    internal void Start() => Poke(static _ => { });

    /// <summary>The front-end's directory has changed.</summary>
    internal void Hear(FrontendNodes front) => Poke(device => device._next = front);

    /// <summary>The device is to go: asks the front-end to close. When it has, the report says Closed.</summary>
    internal void Close() => Poke(static device => device._mustClose = true);

    /// <summary>Takes the device away whatever the front-end does. Done when nothing of the guest is used any more.</summary>
    internal Task EndAsync()
    {
        Poke(static device => device._mustGo = true);
        return _gone.Task;
    }

    /// <summary>The back-end has something to make known beside a change of state; only while it is connected.</summary>
    internal void Publish(IReadOnlyDictionary<string, string> nodes) => Poke(device => device._news = nodes);

    internal void Fail(string reason) => Poke(device => device._failure ??= reason);

    private void Poke(Action<BackendDevice> change)
    {
        lock (_lock)
        {
            change(this);
            if (_isBusy)
                return;
            _isBusy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static device => device.Work(), this, preferLocal: false);
    }

    private void Work()
    {
        while (true)
        {
            FrontendNodes? front;
            IReadOnlyDictionary<string, string>? news;
            string? failure;
            bool offer, close, go;
            lock (_lock)
            {
                (front, _next) = (_next, null);
                (failure, _failure) = (_failure, null);
                (news, _news) = (_news, null);
                (offer, _mustOffer) = (_mustOffer, false);
                close = _mustClose;
                go = _mustGo;
                if (front is null && failure is null && news is null && !offer && !go && !(close && _last.State is not (XenbusState.Closing or XenbusState.Closed)))
                {
                    _isBusy = false;
                    return;
                }
            }

            if (go)
            {
                End(); // stays busy: nothing is looked at any more
                return;
            }

            Guard(() => Step(front, failure, offer, close));
            if (news is not null && _last.State == XenbusState.Connected)
                Publish(XenbusState.Connected, news);
        }
    }

    private void Step(FrontendNodes? front, string? failure, bool offer, bool close)
    {
        if (offer)
            Publish(XenbusState.InitWait, _backend.Offer());
        if (failure is not null)
            Break(failure);
        if (front is not null)
            Follow(front, close);
        if (close && _last.State is not (XenbusState.Closing or XenbusState.Closed))
            Publish(_front == XenbusState.Closed ? XenbusState.Closed : XenbusState.Closing, Nothing);
    }

    private void Follow(FrontendNodes front, bool close)
    {
        _front = front.State;
        switch (_front)
        {
            case XenbusState.Initialising when _last.State is XenbusState.Closed or XenbusState.Connected && !close:
                // A front-end that begins anew: after it closed, or as another kernel that took over without closing.
                _backend.Disconnect();
                Publish(XenbusState.InitWait, _backend.Offer());
                break;
            case XenbusState.Initialised or XenbusState.Connected when _last.State == XenbusState.InitWait && !close:
                Publish(XenbusState.Connected, _backend.Connect(front));
                break;
            case XenbusState.Closing when _last.State is not (XenbusState.Closing or XenbusState.Closed):
                Publish(XenbusState.Closing, Nothing);
                break;
            case XenbusState.Closed when _last.State is not (XenbusState.InitWait or XenbusState.Closed) || close:
                _backend.Disconnect();
                Publish(XenbusState.Closed, Nothing);
                break;
        }
    }

    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Break(failure is DeviceProtocolException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private void Break(string reason)
    {
        try
        {
            _backend.Disconnect();
        }
        catch (Exception second) when (second is not OutOfMemoryException)
        {
            reason = $"{reason}; and it could not be disconnected: {second.Message}";
        }

        Publish(_front == XenbusState.Closed ? XenbusState.Closed : XenbusState.Closing, Nothing, reason);
    }

    private void End()
    {
        try
        {
            _backend.Disconnect();
            _backend.Dispose();
            _gone.SetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _gone.SetException(failure);
        }
    }

    private void Publish(XenbusState state, IReadOnlyDictionary<string, string> nodes, string? error = null)
    {
        DeviceReport report = new(Address, state, nodes, error);
        lock (_lock)
            _last = report;
        _report(report);
    }
}
