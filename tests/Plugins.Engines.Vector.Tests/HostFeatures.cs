using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Hospes.Engines.Vector.Tests;

/// <summary>What this machine can be compared on, and how long.</summary>
internal static class HostFeatures
{
    /// <summary>CPUID leaf 7, EBX bit 29.</summary>
    internal static bool Sha { get; } = (X86Base.CpuId(7, 0).Ebx & (1 << 29)) != 0;

    /// <summary>Instructions per form (each with 16 states): HOSPES_VECTOR_RUNS, or few.</summary>
    internal static int Runs { get; }
        = int.TryParse(Environment.GetEnvironmentVariable("HOSPES_VECTOR_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int runs) ? runs : 30;
}
