using Hospes.Sdk;

namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>A pCPU of a simulation.</summary>
internal sealed class SimulatedPcpu(PcpuId id)
{
    internal PcpuId Id { get; } = id;

    internal SimulatedVcpu? Holder { get; set; }

    internal Nanoseconds TurnEnds { get; set; } = Nanoseconds.Never;

    /// <summary>What the holder has run since is not charged yet.</summary>
    internal Nanoseconds Uncharged { get; set; }

    internal bool Ask { get; set; } = true;
}
