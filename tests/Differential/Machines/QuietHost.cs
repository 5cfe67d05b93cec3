using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Differential.Machines;

/// <summary>A machine without devices around the guest CPU. A hypercall ends <see cref="IGuestCpu.Run"/>.</summary>
internal sealed unsafe class QuietHost(uint* poll) : IGuestCpuHost
{
    public ulong TimestampFrequency => 1_000_000_000;

    public byte TaskPriority { get; set; }

    public void Hypercall(ref HypercallFrame frame)
    {
        frame.Result = (long)frame.Number; // rax as it was
        Interlocked.Or(ref *poll, (uint)PollBits.Exit);
    }

    public uint ReadPort(ushort port, int size) => uint.MaxValue;

    public void WritePort(ushort port, int size, uint value)
    {
    }

    public ulong ReadDevice(GuestPhysical address, int size) => throw new InvalidOperationException($"the instruction under test read device space at {address}");

    public void WriteDevice(GuestPhysical address, int size, ulong value)
        => throw new InvalidOperationException($"the instruction under test wrote device space at {address}");

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
