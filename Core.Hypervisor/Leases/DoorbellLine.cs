using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Leases;

/// <summary>One pCPU's doorbell, alone in its cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = LeaseLine.Size)]
internal struct DoorbellLine
{
    /// <summary>Counts rings; also the futex on which the pCPU's executor waits.</summary>
    [FieldOffset(0)]
    internal uint Rings;

    /// <summary>The host's number of this CPU, to which a vCPU's thread binds itself; negative: anywhere.</summary>
    [FieldOffset(4)]
    internal int HostCpu;
}
