using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.ScriptedEngine;

/// <summary>Caches nothing, so has nothing to forget.</summary>
internal sealed unsafe class ScriptedMachine(IGuestMemory memory) : IGuestMachine
{
    public IGuestCpu CreateCpu(VcpuId id, IGuestCpuHost host, uint* poll) => new ScriptedCpu(memory, host, poll);

    public void MappingChanged(GuestFrame first, ulong count)
    {
    }

    public void ContentWritten(GuestPhysical start, ulong length)
    {
    }

    public void Dispose()
    {
    }
}
