using Hospes.Hypervisor.Backends.Devices;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>Makes back-ends of one class, in the domain's process, of what the Host's <c>IDeviceClass</c> of the same class has prepared.</summary>
internal interface IDeviceFactory
{
    /// <summary>The front-end's class: vbd, vif.</summary>
    string Class { get; }

    /// <summary>Makes a back-end. The descriptors belong to it from now on, also when it throws.</summary>
    IDeviceBackend Make(DeviceContext context, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors);

    /// <summary>Gives a back-end that it made other settings.</summary>
    /// <exception cref="InvalidOperationException">This class of device cannot be changed while it is there.</exception>
    void Change(IDeviceBackend backend, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors);
}
