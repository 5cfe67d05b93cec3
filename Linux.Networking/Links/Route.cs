using System.Net;

namespace Hospes.Linux.Networking.Links;

/// <summary>A way to a network.</summary>
/// <param name="Destination">The network; null: everything else.</param>
/// <param name="Link">Number of the interface, or 0.</param>
/// <param name="Gateway">Who passes packets on, or null.</param>
public sealed record Route(IPNetwork? Destination, int Link, IPAddress? Gateway);
