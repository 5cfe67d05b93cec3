using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Integer.Tests.Support;

/// <summary>Device space that remembers one value and what was done to it.</summary>
internal sealed class RecordingHost : IGuestCpuHost
{
    internal List<string> Accesses { get; } = [];

    internal ulong DeviceValue { get; set; }

    public ulong TimestampFrequency => 1;

    public byte TaskPriority { get; set; }

    public void Hypercall(ref HypercallFrame frame) => Accesses.Add("hypercall");

    public uint ReadPort(ushort port, int size) => uint.MaxValue;

    public void WritePort(ushort port, int size, uint value) => Accesses.Add($"port {port:x}");

    public ulong ReadDevice(GuestPhysical address, int size)
    {
        Accesses.Add($"read {size} at {address}");
        return DeviceValue;
    }

    public void WriteDevice(GuestPhysical address, int size, ulong value)
    {
        Accesses.Add($"write {size} at {address}");
        DeviceValue = value;
    }

    public bool TryReadMsr(uint index, out ulong value)
    {
        value = 0;
        return false;
    }

    public bool TryWriteMsr(uint index, ulong value) => false;

    public CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered) => offered;

    public ulong ReadTimestamp() => 0;

    public int AcknowledgeInterrupt() => -1;
}
