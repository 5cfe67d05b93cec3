using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What xend says about a vCPU.</summary>
internal sealed record VcpuInfo
{
    public int Number { get; init; }

    public bool Online { get; init; }

    public bool Blocked { get; init; }

    public bool Running { get; init; }

    /// <summary>Seconds.</summary>
    public double CpuTime { get; init; }

    public int Pcpu { get; init; }

    /// <summary>Numbers of the pCPUs it may run on.</summary>
    public int[] Affinity { get; init; } = [];

    public static VcpuInfo Read(JsonElement vcpu) => new()
    {
        Number = (int)vcpu.Whole("number"),
        Online = vcpu.Flag("online"),
        Blocked = vcpu.Flag("blocked"),
        Running = vcpu.Flag("running"),
        CpuTime = vcpu.Real("cpuTime"),
        Pcpu = (int)vcpu.Whole("pcpu"),
        Affinity = vcpu.TryGetProperty("affinity", out JsonElement affinity) ? [.. affinity.EnumerateArray().Select(cpu => cpu.GetInt32())] : [],
    };
}
