namespace Hospes.Hypervisor.Dumps;

/// <summary>Addresses of the guest that follow each other, and where the memory behind them is.</summary>
/// <param name="Virtual">The first address as the guest's CPUs use it.</param>
/// <param name="Physical">The first guest-physical address.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct MappedRange(ulong Virtual, ulong Physical, ulong Length);
