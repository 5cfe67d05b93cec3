namespace Hospes.Host.Api;

/// <summary>Whoever holds memory.</summary>
/// <param name="Domid">The domain's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="PromisedMiB">What it may use now; Domain-0: all that guests were not promised.</param>
/// <param name="TouchedMiB">What of it is filled; Domain-0: what cannot be given to a guest.</param>
internal sealed record MemoryHolder(int Domid, string Name, long PromisedMiB, long TouchedMiB);
