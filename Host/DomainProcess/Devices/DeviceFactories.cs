using Hospes.Hypervisor.Backends.Devices;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>The classes of devices that a domain's process can serve.</summary>
internal sealed class DeviceFactories(params IReadOnlyList<IDeviceFactory> factories)
{
    /// <summary>All there are.</summary>
    public static DeviceFactories All(DomainPlugins plugins) => new(new BlockFactory(plugins), new NetworkFactory());

    /// <summary>Makes the back-end of a device.</summary>
    /// <exception cref="InvalidOperationException">This version knows no such class.</exception>
    public IDeviceBackend Make(
        DeviceContext context, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors) =>
        Find(context.Address.Class).Make(context, settings, descriptors);

    /// <summary>Gives a device other settings.</summary>
    /// <exception cref="InvalidOperationException">There is no such device, or it cannot be changed.</exception>
    public void Change(
        DeviceSet devices, DeviceAddress address, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors)
    {
        BackendDevice device = devices.All.FirstOrDefault(device => device.Address == address)
            ?? throw new InvalidOperationException($"there is no device {address}");
        Find(address.Class).Change(device.Backend, settings, descriptors);
    }

    /// <summary>The counters of all devices, each under its address.</summary>
    public static Dictionary<string, long> Statistics(DeviceSet devices)
    {
        Dictionary<string, long> all = new(StringComparer.Ordinal);
        foreach (BackendDevice device in devices.All)
        {
            foreach ((string name, long value) in (device.Backend as IDeviceStatistics)?.Counters ?? [])
                all[$"{device.Address}/{name}"] = value;
        }

        return all;
    }

    private IDeviceFactory Find(string name) =>
        factories.FirstOrDefault(factory => string.Equals(factory.Class, name, StringComparison.Ordinal))
        ?? throw new InvalidOperationException($"the domain's process knows no devices of class '{name}'");
}
