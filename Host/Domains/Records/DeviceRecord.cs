using Hospes.Host.Devices;

namespace Hospes.Host.Domains.Records;

/// <summary>A device of a domain, as a later Host must know it.</summary>
/// <param name="Configuration">As it was asked for, with its number.</param>
/// <param name="IsComplete">It was attached. Else it was on its way, in or out, and what is there of it is taken away.</param>
/// <param name="State">What its class has noted.</param>
internal sealed record DeviceRecord(DeviceConfiguration Configuration, bool IsComplete, IReadOnlyDictionary<string, string> State);
