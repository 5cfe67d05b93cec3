namespace Hospes.Sdk.Schedulers;

/// <summary>Where a pCPU is. Two with the same socket and core are threads of one core.</summary>
/// <param name="Socket">The package.</param>
/// <param name="Core">The core, unique within its socket.</param>
public readonly record struct PcpuPlace(int Socket, int Core);
