namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>What a back-end makes known: to be written to its directory in the store, all at once.</summary>
/// <param name="Address">Which device.</param>
/// <param name="State">Where the back-end is now.</param>
/// <param name="Nodes">Further nodes.</param>
/// <param name="Error">Why it closes by itself, or null.</param>
public sealed record DeviceReport(DeviceAddress Address, XenbusState State, IReadOnlyDictionary<string, string> Nodes, string? Error);
