using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Leases;

/// <summary>The first cache line of a lease page.</summary>
[StructLayout(LayoutKind.Explicit, Size = LeaseLine.Size)]
internal struct LeasePageHeader
{
    /// <summary>"HOSPLEAS" read as a little-endian number.</summary>
    internal const ulong ExpectedMagic = 0x5341454c_50534f48;

    /// <summary>Raised with every change of the layout or the protocol: Host and domain process may come from different releases.</summary>
    internal const uint ExpectedVersion = 3;

    [FieldOffset(0)]
    internal ulong Magic;

    [FieldOffset(8)]
    internal uint Version;

    [FieldOffset(12)]
    internal int Vcpus;

    /// <summary>One bit per vCPU that the Host has to look at; set by the domain before it rings, taken by the Host.</summary>
    [FieldOffset(16)]
    internal ulong Attention;
}
