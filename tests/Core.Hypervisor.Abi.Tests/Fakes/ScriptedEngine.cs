using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>An engine of scripted CPUs; remembers what it was told about memory.</summary>
internal sealed unsafe class ScriptedEngine : IExecutionEngine, IGuestMachine
{
    internal List<ScriptedCpu> Cpus { get; } = [];

    internal List<(GuestFrame First, ulong Count)> Remapped { get; } = [];

    internal List<(GuestPhysical Start, ulong Length)> Written { get; } = [];

    /// <summary>Remembering what was written allocates; tests that count allocations turn it off.</summary>
    internal bool Remembers { get; set; } = true;

    internal bool IsDisposed { get; private set; }

    public EngineAvailability Probe() => new(true, "runs scripts");

    public IGuestMachine CreateMachine(IGuestMemory memory) => this;

    public IGuestCpu CreateCpu(VcpuId id, IGuestCpuHost host, uint* poll)
    {
        ScriptedCpu cpu = new(id, host, (nint)poll);
        Cpus.Add(cpu);
        return cpu;
    }

    public void MappingChanged(GuestFrame first, ulong count)
    {
        if (Remembers)
            Remapped.Add((first, count));
    }

    public void ContentWritten(GuestPhysical start, ulong length)
    {
        if (Remembers)
            Written.Add((start, length));
    }

    public void Dispose() => IsDisposed = true;
}
