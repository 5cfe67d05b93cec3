namespace Hospes.Sdk.Schedulers;

/// <summary>An optional ability of an <see cref="IScheduler"/>: it wants to know which pCPUs share a core or a socket.</summary>
public interface ITopologyScheduler
{
    /// <summary>Called once, just before <see cref="IScheduler.Start"/>.</summary>
    /// <param name="places">The place of each pCPU, by its number.</param>
    void SetTopology(IReadOnlyList<PcpuPlace> places);
}
