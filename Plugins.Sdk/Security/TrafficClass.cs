namespace Hospes.Sdk.Security;

/// <summary>
/// A set of network interfaces whose packets are treated alike. Numbers are valid for one policy: after a change of it all interfaces are asked for again.
/// </summary>
/// <param name="Number">Which; at least 1 and below 2^24.</param>
/// <param name="ReachesHost">Whether packets may pass between it and domain 0 with what lies beyond.</param>
/// <param name="Permits">Whether packets may pass between it and the class of a number, itself not excepted.</param>
public sealed record TrafficClass(int Number, bool ReachesHost, Func<int, bool> Permits);
