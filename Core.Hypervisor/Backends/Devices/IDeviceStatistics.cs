namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>An optional ability of a back-end: it counts what it does.</summary>
public interface IDeviceStatistics
{
    /// <summary>The counters since the device was made, under the names that xentop's readers know (fact sheet "Storage", section 9). Any thread.</summary>
    IEnumerable<KeyValuePair<string, long>> Counters { get; }
}
