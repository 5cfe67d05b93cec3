using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>The Host's record of one pCPU.</summary>
internal sealed class PcpuSlot(PcpuId id)
{
    internal PcpuId Id { get; } = id;

    /// <summary>Who holds its lease, or null.</summary>
    internal VcpuEntry? Holder { get; set; }

    /// <summary>When to look again: the end of the turn, or of an idle spell for which the scheduler named an end.</summary>
    internal Nanoseconds TurnEnds { get; set; } = Nanoseconds.Never;

    /// <summary>The holder has been asked to give back, and has until <see cref="GraceEnds"/>.</summary>
    internal bool Revoking { get; set; }

    internal Nanoseconds GraceEnds { get; set; }

    /// <summary>From when on a holder that has been asked and has not given back is hurried; never: it has been.</summary>
    internal Nanoseconds HurryAt { get; set; }

    /// <summary>When to look whether it has to be hurried.</summary>
    internal Nanoseconds HurryLook { get; set; }

    /// <summary>A holder had to be hurried a short time ago, which tells of a busy host: others are hurried at once until then.</summary>
    internal Nanoseconds BusyUntil { get; set; }

    /// <summary>The holder was asleep when its turn ended and nobody waited: no timer until it wakes and rings.</summary>
    internal bool Lapsed { get; set; }

    /// <summary>Free, and the scheduler is to be asked who runs.</summary>
    internal bool Ask { get; set; } = true;

    /// <summary>The scheduler has named this vCPU, which is still giving back another pCPU.</summary>
    internal VcpuEntry? Awaited { get; set; }

    /// <summary>Until when its executor sleeps; zero while it is awake or has been rung.</summary>
    internal Nanoseconds SleepsUntil { get; set; }

    /// <summary>When something is to be done here though nobody rings.</summary>
    internal Nanoseconds NextLook => !Revoking || Holder is null ? TurnEnds : HurryLook < GraceEnds ? HurryLook : GraceEnds;
}
