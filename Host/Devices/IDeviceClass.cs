using Hospes.Host.Domains;
using Hospes.Sxp;

namespace Hospes.Host.Devices;

/// <summary>One class of devices, control-plane side: reads what people write, looks at the machine, opens and checks.</summary>
internal interface IDeviceClass
{
    /// <summary>Names of its forms: <c>vbd</c> and <c>tap</c> in <c>(device (vbd ...))</c>.</summary>
    IReadOnlyCollection<string> Forms { get; }

    /// <summary>Reads a form. Looks at nothing but the form.</summary>
    /// <exception cref="XendException">It cannot be a device; the words are for the person who wrote it.</exception>
    DeviceConfiguration Read(SxpList form);

    /// <summary>Refuses devices that cannot stand side by side, such as two disks of one name.</summary>
    /// <exception cref="XendException">They cannot.</exception>
    void Compare(DeviceConfiguration one, DeviceConfiguration other);

    /// <summary>Opens what the device needs. What was opened belongs to the plan; when this throws, nothing stays open.</summary>
    /// <exception cref="XendException">It cannot be had; the words follow "Device N (class) could not be connected."</exception>
    Task<DevicePlan> PrepareAsync(ManagedDomain domain, DeviceConfiguration configuration, CancellationToken cancellation);

    /// <summary>
    /// The plan of a device that an earlier Host has attached, or has begun to: nothing is opened, and nobody is asked. Its <see cref="DevicePlan.Connect"/>
    /// makes right what is to be there while the device is; its release takes away what there may be.
    /// </summary>
    /// <param name="domain">Whose.</param>
    /// <param name="configuration">As it was asked for, with its number.</param>
    /// <param name="state">The <see cref="DevicePlan.State"/> of that time; empty when the device was not complete.</param>
    DevicePlan Recall(ManagedDomain domain, DeviceConfiguration configuration, IReadOnlyDictionary<string, string> state);

    /// <summary>What a present device becomes by another configuration; null: it cannot become that.</summary>
    Task<DevicePlan?> ReconfigureAsync(ManagedDomain domain, Device device, DeviceConfiguration configuration, CancellationToken cancellation);
}
