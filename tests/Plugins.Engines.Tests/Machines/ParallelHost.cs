using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Tests.Machines;

/// <summary>The machine around one of several CPUs: a port that sends interrupts, and nothing else that would need care on several threads.</summary>
/// <param name="send">Raises <see cref="Vector"/> on another CPU.</param>
internal sealed class ParallelHost(Action<int> send) : IGuestCpuHost
{
    /// <summary>Writing a CPU's number here interrupts it.</summary>
    internal const ushort InterruptPort = 0xe0;

    /// <summary>The only interrupt there is.</summary>
    internal const int Vector = 0x40;

    private int _pending;

    /// <summary>The value last written to <see cref="ScriptedHost.DonePort"/>; null while the program is not through.</summary>
    internal uint? Done { get; private set; }

    /// <summary>What exception stubs said, if one ran.</summary>
    internal bool HasFaulted { get; private set; }

    internal Action? OnHypercall { get; set; }

    internal Action? Leave { get; set; }

    public byte TaskPriority { get; set; }

    public ulong TimestampFrequency => 1_000_000_000;

    internal void Raise() => Volatile.Write(ref _pending, 1);

    public void Hypercall(ref HypercallFrame frame) => OnHypercall?.Invoke();

    public uint ReadPort(ushort port, int size) => 0xffff_ffff >> (32 - (size * 8));

    public void WritePort(ushort port, int size, uint value)
    {
        switch (port)
        {
            case InterruptPort:
                send((int)value);
                break;
            case ScriptedHost.DonePort:
                Done = value;
                Leave?.Invoke();
                break;
            case ScriptedHost.FaultPort:
                HasFaulted = true;
                Leave?.Invoke();
                break;
        }
    }

    public ulong ReadDevice(GuestPhysical address, int size) => ulong.MaxValue;

    public void WriteDevice(GuestPhysical address, int size, ulong value)
    {
    }

    public bool TryReadMsr(uint index, out ulong value)
    {
        value = 0;
        return false;
    }

    public bool TryWriteMsr(uint index, ulong value) => false;

    public CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered) => offered;

    public ulong ReadTimestamp() => (ulong)Environment.TickCount64;

    public int AcknowledgeInterrupt() => Interlocked.Exchange(ref _pending, 0) != 0 ? Vector : -1;
}
