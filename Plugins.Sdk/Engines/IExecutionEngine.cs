namespace Hospes.Sdk.Engines;

/// <summary>A way to execute a guest's instructions. One instance serves a whole process; machines share nothing through it.</summary>
public interface IExecutionEngine
{
    /// <summary>Whether the engine can run guests on this host. Cheap; called before the first machine is made.</summary>
    EngineAvailability Probe();

    /// <summary>Makes a machine over a guest's memory. The memory outlives the machine.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Probe"/> said that the engine cannot run here.</exception>
    IGuestMachine CreateMachine(IGuestMemory memory);
}
