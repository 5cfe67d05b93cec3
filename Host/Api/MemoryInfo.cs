namespace Hospes.Host.Api;

/// <summary>GET /v1/host/memory: who holds the machine's memory, MiB.</summary>
/// <param name="TotalMiB">All there is.</param>
/// <param name="FreeMiB">What a further guest could have.</param>
/// <param name="Dom0MinimumMiB">What Domain-0 keeps in any case.</param>
/// <param name="Holders">What each has.</param>
internal sealed record MemoryInfo(long TotalMiB, long FreeMiB, long Dom0MinimumMiB, IReadOnlyList<MemoryHolder> Holders);
