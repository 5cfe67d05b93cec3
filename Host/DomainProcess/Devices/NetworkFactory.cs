using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Backends.Network;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>Makes network interfaces of the taps that the Host has made; <see cref="NetworkFactorySettings"/> says which settings there are.</summary>
internal sealed class NetworkFactory : IDeviceFactory
{
    /// <inheritdoc/>
    public string Class => "vif";

    /// <inheritdoc/>
    public IDeviceBackend Make(DeviceContext context, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors) =>
        new NetworkBackend(context, NetworkFactorySettings.Read(settings), descriptors);

    /// <inheritdoc/>
    public void Change(IDeviceBackend backend, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors) =>
        throw new InvalidOperationException("a network interface cannot be changed while it is there: detach it and attach another");
}
