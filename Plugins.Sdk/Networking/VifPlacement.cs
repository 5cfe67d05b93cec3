namespace Hospes.Sdk.Networking;

/// <summary>Where an interface has been connected.</summary>
/// <param name="Bridge">The bridge it is a port of, or null.</param>
/// <param name="Addresses">Addresses that the guest is to use or will be given, if that is known.</param>
public sealed record VifPlacement(string? Bridge, IReadOnlyList<InterfaceAddress> Addresses);
