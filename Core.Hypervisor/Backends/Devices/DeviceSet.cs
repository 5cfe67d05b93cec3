using Hospes.Hypervisor.Domains;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>The devices of one domain. Any thread.</summary>
public sealed class DeviceSet
{
    private readonly Lock _lock = new();
    private readonly Domain _domain;
    private readonly Dictionary<DeviceAddress, BackendDevice> _devices = [];
    private bool _isEnding;

    internal DeviceSet(Domain domain) => _domain = domain;

    /// <summary>A back-end has something to make known. Raised on pool threads, for one device in order.</summary>
    public event Action<DeviceReport>? Reported;

    /// <summary>What each device made known last.</summary>
    public IReadOnlyList<DeviceReport> Reports => [.. All.Select(static device => device.Last)];

    /// <summary>The devices.</summary>
    public IReadOnlyList<BackendDevice> All
    {
        get
        {
            lock (_lock)
                return [.. _devices.Values];
        }
    }

    /// <summary>Adds a device and begins its handshake.</summary>
    /// <param name="address">Which.</param>
    /// <param name="make">Makes the back-end; what it throws is thrown here, and then there is no device.</param>
    /// <exception cref="InvalidOperationException">There is one of that address, or the domain ends.</exception>
    public void Attach(DeviceAddress address, Func<DeviceContext, IDeviceBackend> make)
    {
        BackendDevice device = new(address, made => make(new DeviceContext(_domain, made)), report => Reported?.Invoke(report));
        bool isAdded;
        lock (_lock)
            isAdded = !_isEnding && _devices.TryAdd(address, device);
        if (!isAdded)
        {
            device.Backend.Dispose();
            throw new InvalidOperationException($"device {address} cannot be added: there is one already, or the domain ends");
        }

        device.Start();
    }

    /// <summary>A front-end's directory has changed. Unknown devices are ignored: they may just have gone.</summary>
    public void Hear(DeviceAddress address, FrontendNodes front) => Find(address)?.Hear(front);

    /// <summary>Asks the front-end to close. False: there is no such device.</summary>
    public bool Close(DeviceAddress address)
    {
        BackendDevice? device = Find(address);
        device?.Close();
        return device is not null;
    }

    /// <summary>Takes a device away. Done when nothing of the guest is used by it any more, and what it held is free.</summary>
    public Task DetachAsync(DeviceAddress address)
    {
        lock (_lock)
            return _devices.Remove(address, out BackendDevice? device) ? device.EndAsync() : Task.CompletedTask;
    }

    /// <summary>Takes all devices away. False: one did not end in time, and may still use the guest's memory.</summary>
    internal bool End(TimeSpan patience)
    {
        BackendDevice[] devices;
        lock (_lock)
        {
            _isEnding = true;
            devices = [.. _devices.Values];
            _devices.Clear();
        }

        try
        {
            return Task.WaitAll(Array.ConvertAll(devices, static device => device.EndAsync()), patience);
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    private BackendDevice? Find(DeviceAddress address)
    {
        lock (_lock)
            return _devices.GetValueOrDefault(address);
    }
}
