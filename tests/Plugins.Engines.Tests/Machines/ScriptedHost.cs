using System.Diagnostics;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Tests.Machines;

/// <summary>The machine around the CPU: remembers what the guest asked, answers as the test says.</summary>
internal sealed class ScriptedHost : IGuestCpuHost
{
    /// <summary>Writing this port ends the run: the guest program is through.</summary>
    internal const ushort DonePort = 0xf4;

    /// <summary>Exception stubs write this port.</summary>
    internal const ushort FaultPort = 0xf5;

    internal List<(ushort Port, int Size, uint Value)> Writes { get; } = [];

    internal List<HypercallFrame> Hypercalls { get; } = [];

    internal List<(ulong Address, int Size, ulong Value)> DeviceWrites { get; } = [];

    internal Queue<int> Interrupts { get; } = new();

    internal Dictionary<uint, ulong> Msrs { get; } = [];

    /// <summary>Called for each port write, on the CPU's thread.</summary>
    internal Action<ushort, uint>? OnWrite { get; set; }

    internal Func<ulong, int, ulong> OnDeviceRead { get; set; } = (_, _) => ulong.MaxValue;

    internal long Answer { get; set; }

    internal ulong Now { get; set; } = 1000;

    internal Action? Leave { get; set; }

    public byte TaskPriority { get; set; }

    /// <summary>What the counter is beyond the host's clock; null: <see cref="Now"/> is the counter.</summary>
    public long? TimestampBase { get; init; }

    public ulong TimestampFrequency => 1_000_000_000;

    public void Hypercall(ref HypercallFrame frame)
    {
        Hypercalls.Add(frame);
        frame.Result = Answer;
    }

    public uint ReadPort(ushort port, int size) => 0xffff_ffff >> (32 - (size * 8));

    public void WritePort(ushort port, int size, uint value)
    {
        Writes.Add((port, size, value));
        if (Writes.Count > 100_000)
            Writes.Clear();
        OnWrite?.Invoke(port, value);
        if (port is DonePort or FaultPort)
            Leave?.Invoke();
    }

    public ulong ReadDevice(GuestPhysical address, int size) => OnDeviceRead(address.Address, size);

    public void WriteDevice(GuestPhysical address, int size, ulong value)
    {
        if (DeviceWrites.Count < 100_000)
            DeviceWrites.Add((address.Address, size, value));
    }

    public bool TryReadMsr(uint index, out ulong value) => Msrs.TryGetValue(index, out value);

    public bool TryWriteMsr(uint index, ulong value)
    {
        if (!Msrs.ContainsKey(index))
            return false;
        Msrs[index] = value;
        return true;
    }

    public CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered) => leaf == 0x4000_0000
        ? new CpuidRegisters(0x4000_0002, 0x566e_6558, 0x65584d4d, 0x4d4d566e)
        : offered;

    public ulong ReadTimestamp() => TimestampBase is { } offset ? (ulong)(Stopwatch.GetTimestamp() + offset) : Now++;

    public int AcknowledgeInterrupt() => Interrupts.TryDequeue(out int vector) ? vector : -1;
}
