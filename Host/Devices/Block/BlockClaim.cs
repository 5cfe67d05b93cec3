using Hospes.Sdk;

namespace Hospes.Host.Devices.Block;

/// <summary>A file or device that a domain's disk uses.</summary>
/// <param name="Domain">Whose disk.</param>
/// <param name="Uuid">The same over the domain's restarts: a domain does not stand in its own way.</param>
/// <param name="Identity">The device's number, or the file's place on its file system: the same by whatever path.</param>
/// <param name="Mode">How.</param>
internal sealed record BlockClaim(DomainId Domain, Guid Uuid, string Identity, DiskMode Mode);
