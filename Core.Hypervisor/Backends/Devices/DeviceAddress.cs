using System.Globalization;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>A split device of one domain: <c>device/CLASS/ID</c> below its home.</summary>
/// <param name="Class">The front-end's class: vbd, vif.</param>
/// <param name="Id">Its number.</param>
public readonly record struct DeviceAddress(string Class, int Id)
{
    /// <summary>As people write it: <c>vbd/51712</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}/{Id}");
}
