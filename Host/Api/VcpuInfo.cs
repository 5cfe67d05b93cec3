namespace Hospes.Host.Api;

/// <summary>A vCPU as API clients see it.</summary>
/// <param name="Number">Its number in the domain.</param>
/// <param name="Online">The guest may use it.</param>
/// <param name="Blocked">It has nothing to do.</param>
/// <param name="Running">It is on a physical CPU at this moment.</param>
/// <param name="CpuTime">CPU seconds used.</param>
/// <param name="Pcpu">The physical CPU it is on or was on last, or null.</param>
/// <param name="Affinity">The physical CPUs it may be on.</param>
internal sealed record VcpuInfo(int Number, bool Online, bool Blocked, bool Running, double CpuTime, int? Pcpu, IReadOnlyList<int> Affinity);
